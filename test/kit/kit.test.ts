import { checkConnector } from "./index.ts";
import { plainSubject } from "./plain-subject.ts";

checkConnector(plainSubject());
