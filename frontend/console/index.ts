// The console's script: the live queue, the live conversation, and the one-time link. Pages work without it.
import "./conversation";
import "./queue";
import { readCode } from "./welcome";

readCode(document);
