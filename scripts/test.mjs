// npm test [-- --only NAME]: runs every suite, also after one has failed, and ends with one line of
// totals. A suite that crashes or runs no test counts as one failure.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';

process.chdir(join(import.meta.dirname, '..'));
process.loadEnvFile('.toolchain/env');

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
const currentNode = process.env.LAMELLA_NODE;

/** Runs a program; what it says goes to ours, or is returned when `quiet`. */
function run(program, parameters, { quiet = false } = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, parameters, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  });
  if (status !== 0) console.log(`failed (${error?.message ?? signal ?? status}): ${program}`);
  return { ok: status === 0, output: (stdout ?? '') + (stderr ?? '') };
}

/** Runs a program that writes a JSON report, and counts with `count(report)`. */
function runWithReport(program, parameters, report, count) {
  rmSync(report, { force: true });
  const { ok } = run(program, parameters);
  const result = existsSync(report) ? count(JSON.parse(readFileSync(report, 'utf8'))) : undefined;
  if (result === undefined) return { passed: 0, failed: 1 };
  if (!ok && result.failed === 0) result.failed = 1;
  return result;
}

let built;
function build() {
  built ??= run(process.execPath, ['scripts/build.mjs']);
  return built.ok;
}

async function lint() {
  build(); // the page is checked against the built package
  const sources = run('git', ['ls-files', '-co', '--exclude-standard', '*.cc', '*.h'], {
    quiet: true,
  });
  const files = sources.output.split('\n').filter((file) => existsSync(file));
  const circles = '.dependency-cruiser.json';
  const checks = {
    'clang-format': [process.env.CLANG_FORMAT, ['--dry-run', '-Werror', ...files]],
    eslint: ['node_modules/.bin/eslint', ['--max-warnings=0', '.']],
    prettier: ['node_modules/.bin/prettier', ['--check', '--log-level=warn', '.']],
    tsc: ['node_modules/.bin/tsc', []],
    typedoc: ['npm', ['run', '--silent', 'docs', '--', '--logLevel', 'Warn']],
    circles: [
      'node_modules/.bin/depcruise',
      ['--config', circles, 'web/src', 'demo/src', 'demo/teach'],
    ],
    'tsc demo': ['node_modules/.bin/tsc', ['-p', 'demo']],
    size: [process.execPath, ['scripts/size.mjs']],
  };
  const result = { passed: 0, failed: 0 };
  // At the same time: each uses one core.
  const check = async ([name, [program, parameters]]) => {
    try {
      await promisify(execFile)(program, parameters, { maxBuffer: 2 ** 28 });
      result.passed++;
      console.log(`${name}: ok`);
    } catch ({ message, stdout }) {
      result.failed++;
      console.log(`${name}: ${message}\n${stdout}`);
    }
  };
  await Promise.all(Object.entries(checks).map(check));
  return result;
}

const tests = (report) => report.testsuites.flatMap((suite) => suite.testsuite);

function googleTest(preset, interpreter) {
  const compiled = run(process.execPath, ['scripts/engine.mjs', preset, 'lamella_tests']);
  if (!compiled.ok) return { passed: 0, failed: 1 };
  const program = `build/${preset}/lamella_tests${interpreter ? '.js' : ''}`;
  const report = `build/${preset}/tests.json`;
  const parameters = ['--gtest_brief=1', `--gtest_output=json:${report}`];
  const command = interpreter ? [interpreter, program] : [`./${program}`];
  return runWithReport(command[0], [...command.slice(1), ...parameters], report, (all) => ({
    passed: tests(all).filter((test) => test.result === 'COMPLETED' && !test.failures).length,
    failed: tests(all).filter((test) => test.failures).length,
  }));
}

function jest(project, { node = process.execPath, name = project, files, ...environment } = {}) {
  if (project !== 'source' && !build()) return { passed: 0, failed: 1 };
  const report = `build/jest-${name}.json`;
  const parameters = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  parameters.push('node_modules/jest/bin/jest.js', '--selectProjects', project);
  parameters.push('--json', `--outputFile=${report}`);
  parameters.push('--forceExit'); // what a failed test left open must not hold up the rest
  // Pages that train are watched for how smoothly they do; all else may share the cores.
  if (project !== 'browser') parameters.push('--maxWorkers=100%');
  if (files) parameters.push('--testPathPatterns', files);
  Object.assign(process.env, environment);
  return runWithReport(node, parameters, report, (all) => ({
    passed: all.numPassedTests,
    failed: all.numFailedTests + all.numRuntimeErrorTestSuites,
  }));
}

function torture() {
  if (!build()) return { passed: 0, failed: 1 };
  const report = 'build/torture.json';
  const parameters = ['tests/torture/run.mjs', '--short', '--report', report];
  return runWithReport(process.execPath, parameters, report, (kinds) => kinds);
}

/** The packed package in places that need no packages but the repository's own. */
function places() {
  if (!build()) return { passed: 0, failed: 1 };
  const report = 'build/places.json';
  const parameters = ['tests/places/run.mjs', '--installed', '--report', report];
  return runWithReport(currentNode, parameters, report, (counts) => counts);
}

const holds = (folder) => existsSync(folder) && readdirSync(folder).length > 0;
const suites = {
  lint,
  'native-debug': () => googleTest('native-debug'),
  simd: () => googleTest('simd', process.execPath),
  relaxed: () => googleTest('relaxed', currentNode),
  source: () => jest('source'),
  web: () => jest('web'),
  torture,
};
// The TypeScript face of the relaxed variant, where this Node itself lacks relaxed SIMD.
if (parseInt(process.versions.node) < 22)
  suites['web-relaxed'] = () => jest('web', { node: currentNode });
for (const name of ['examples', 'browser', 'package'])
  if (holds(`tests/${name}`)) suites[name] = () => jest(name);

suites.places = places;

// Every browser must pass these; Chromium has, with all the rest, in the suite "browser".
for (const LAMELLA_BROWSER of ['firefox', 'webkit']) {
  const name = `browser-${LAMELLA_BROWSER}`;
  suites[name] = () => jest('browser', { name, files: 'engines', LAMELLA_BROWSER });
}

if (only !== undefined && !(only in suites)) {
  console.error(`test: no suite '${only}'; there are: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}

const total = { passed: 0, failed: 0 };
const lines = [];
for (const [name, suite] of Object.entries(suites)) {
  if (only !== undefined && only !== name) continue;
  console.log(`\n== ${name}`);
  const start = performance.now();
  const { passed, failed } = await suite();
  const failures = passed + failed === 0 ? 1 : failed;
  total.passed += passed;
  total.failed += failures;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const none = passed + failed === 0 ? ' (it ran no test)' : '';
  lines.push(`${name.padEnd(15)} ${passed} passed, ${failures} failed${none}, ${seconds} s`);
  console.log(`== ${lines.at(-1)}`);
}

console.log(`\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
