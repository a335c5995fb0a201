#!/usr/bin/env node
import { nodeTooOld } from './node-too-old.ts';

// The rest is loaded afterwards: an older Node cannot even link it, and would say so in words of its own.
const problem = nodeTooOld(process.versions.node);
if (problem === null) {
  const { runProcess } = await import('./cli/run-process.ts');
  await runProcess();
} else {
  process.stderr.write(`wipctl: ${problem}\n`);
  process.exitCode = 69; // EX_UNAVAILABLE of sysexits.h
}
