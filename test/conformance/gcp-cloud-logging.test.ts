import { checkConnector } from "../kit/index.ts";
import { gcpSubject } from "./gcp-subject.ts";

checkConnector(gcpSubject());
