import { checkConnector } from "../kit/index.ts";
import { awsSubject } from "./aws-subject.ts";

checkConnector(awsSubject());
