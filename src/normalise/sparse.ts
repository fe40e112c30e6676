/** Lets mappings be written as one literal, in which members that the source does not know are undefined. */

/** T, whose optional members may also be there with the value undefined. */
type Sparse<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] };

/**
 * The same object. No encoder writes a member that is undefined, and one shape for all events (unlike spreading in
 * what is known) makes them much faster to build and to write.
 */
export function sparse<T extends object>(members: Sparse<T>): T {
	return members as T;
}
