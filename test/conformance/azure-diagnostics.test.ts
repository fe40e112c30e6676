import { checkConnector } from "../kit/index.ts";
import { azureSubject } from "./azure-subject.ts";

checkConnector(azureSubject(), { seeds: 40 });
