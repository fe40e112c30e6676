import assert from "node:assert/strict";
import { test } from "node:test";
import { isCredentialMember, isCredentialName } from "./credential-name.ts";

const credentials = `password PASSWORD Passwd dbPassword DB_PASSWORD DB_PASS db-password POSTGRES_PASSWORD_HASH mysql.root.password userPassword2
	secret clientSecret client_secret CLIENT_SECRET SECRET_KEY_BASE webhookSecret vault_secret_id secretKey pullSecretToken jwtSecret
	token TOKEN accessToken access_token GITHUB_TOKEN idToken bearerToken AWS_SESSION_TOKEN tokenReviewerJWT refreshTokens --token --access-token
	apiKey api_key API-KEY X-Api-Key APIKEY apikeys accessKey AWS_SECRET_ACCESS_KEY access_key private_key privateKey ssh-private-key tls.key
	encryptionKey signing_key masterKey accountKey AccountKey SharedAccessKey hmac_key license_key clientKeyData client-key-data
	credentials gcpCredential creds connectionString CONNECTION_STRING conn_str connStr .dockerconfigjson htpasswd
	Authorization http.headers.authorization sessionCookie psk openshift.io/token-secret.value passphrase keyPassphrase pwd_hash dbPwd`;

const others = `name secretName secret_name secretRef secretKeyRef secretNamespace imagePullSecrets imagePullSecret pullSecrets secrets existingSecret
	tlsSecret caSecret secretname tokenExpirationSeconds expirationSeconds automountServiceAccountToken serviceAccountTokenProjection tokenRequests
	tokenAudiences tokenTTL token-ttl tokenPath token-file TOKEN_FILE PASSWORD_FILE passwordFile passwordPolicy passwordLength maxTokens max_tokens
	pageToken nextPageToken continueToken continue token_endpoint tokenUrl token_type tokenId secretVersion SECRET_ARN accessKeyId AWS_ACCESS_KEY_ID
	publicKey key keyName topologyKey configMapKeyRef certificate caBundle username uid resourceVersion fieldManager credentialName credential-id
	authentication.kubernetes.io/credential-id authorization.k8s.io/decision authorization.k8s.io/reason rbac.authorization.kubernetes.io/autoupdate
	compass bypass path PATH PWD OLDPWD author authority tokenizer secretProviderClass passwordSecretRef useToken requirePassword.enabled
	app.kubernetes.io/name node.kubernetes.io/unreachable f:password.type`;

const list = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

for (const name of list(credentials)) test(`${name} is a credential`, () => assert.equal(isCredentialName(name), true));
for (const name of list(others)) test(`${name} is none`, () => assert.equal(isCredentialName(name), false));

test("a value can tell that nothing secret is there", () => {
	for (const value of [
		"",
		"true",
		"False",
		"none",
		"$(DB_PASSWORD)",
		`\${TOKEN}`,
		"AKIAIOSFODNN7EXAMPLE",
		"[REDACTED]",
		`hmac-sha256:${"0a".repeat(16)}`,
	])
		assert.equal(isCredentialMember("password", value), false, value);
	for (const value of ["hunter2", "$(rm -rf)x", "AKIAIOSFODNN7EXAMPLEX", "hmac-sha256:x"])
		assert.equal(isCredentialMember("password", value), true, value);
});

test("`auth` is a credential where it is user and password, as image registries want it", () => {
	assert.equal(isCredentialMember("auth", Buffer.from("jane:s3cret").toString("base64")), true);
	assert.equal(isCredentialMember("auth", "enabled"), false);
});

test("what Kubernetes itself writes beside a word like token is an identifier", () => {
	assert.equal(isCredentialMember("authentication.k8s.io/legacy-token", "system:serviceaccount:payments:deployer"), false);
	assert.equal(isCredentialMember("authentication.kubernetes.io/stale-token", "subject: x"), false);
	assert.equal(isCredentialMember("example.com/legacy-token", "c2VjcmV0"), true);
});

test("an endless name costs nothing", () => {
	assert.equal(isCredentialName(`${"x".repeat(1_000_000)}password`), true);
	assert.equal(isCredentialName("-".repeat(1_000_000)), false);
});
