// Options of the server by command line, variable and file; help, completions and the manual page.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { headwater } from './support/cli.mjs';
import { getJson } from './support/http.mjs';
import { startHeadwater } from './support/headwater.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const run = promisify(execFile);
const folder = makeTempDir();
const file = (name, content) => {
  const made = path.join(folder, name);
  fs.writeFileSync(made, content);
  return made;
};
const check = (args, options) => headwater(['serve', '--check-config', '--data-dir', folder, ...args], options);
const isThere = (program) => { try { execFileSync('which', [program], { stdio: 'ignore' }); return true; } catch { return false; } };

/// What the public contract of the command line promises.
const promised = ['listen', 'ops-listen', 'data-dir', 'database-url', 'rabbit', 'smtp-url', 'mail-from', 'public-url', 'trusted-proxy',
  'webhook-allow', 'node', 'live-buffer', 'max-event-bytes', 'queue-bytes', 'feed-cache-bytes', 'max-connections', 'io-threads',
  'drain-timeout', 'cors-origin', 'rate', 'log-level', 'insecure-open', 'config'];

async function helpOf(...words) { return (await headwater([...words, '--help'])).stdout; }

/// All subcommands, as paths of words, from the help texts.
async function allCommands(words = []) {
  const help = await helpOf(...words);
  const children = help.includes('\nSubcommands:\n')
    ? [...help.split('\nSubcommands:\n')[1].split('\n\n')[0].matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name) : [];
  const below = await Promise.all(children.map((name) => allCommands([...words, name])));
  return [...children.map((name) => [...words, name]), ...below.flat()];
}

const optionsIn = (help) => [...help.matchAll(/^ {2}(?:-\w,)?--([a-z][a-z-]*)/gm)].map(([, name]) => name).filter((name) => name !== 'help');

test('a good configuration is ok', async () => {
  const config = file('good.toml', 'listen = "127.0.0.1:0"\nwebhook-allow = ["10.0.0.0/8", "fd00::/8"]\nqueue-bytes = "8MiB"\nmax-connections = 500\n');
  const { code, stdout, stderr } = await check(['--config', config]);
  assert.deepEqual([code, stdout, stderr], [0, 'ok\n', '']);
});

test('all mistakes are named at once, with their place', async () => {
  const config = file('bad.toml', 'lissten = "x"\nwebhook-allow = ["10.0.0.0/33"]\nqueue-bytes = 3\ntrusted-proxy = "nowhere"\n[limits]\nx = 1\n');
  const { code, stdout, stderr } = await check(['--config', config, '--io-threads', 'many', '--public-url', 'example.org', '--bogus'],
    { env: { HEADWATER_DRAIN_TIMEOUT: 'soon', HEADWATER_CORS_ORIGIN: 'https://a.example https://b.example/' } });
  assert.deepEqual([code, stdout], [2, '']);
  for (const part of ['line 1: lissten: there is no such option; did you mean listen?', "webhook-allow: '10.0.0.0/33' is not a network",
    "queue-bytes: '3' is not from 1MiB to 2047MiB", "trusted-proxy: 'nowhere'", 'there is no section [limits]', "--io-threads: 'many'",
    '--public-url: expected', '--bogus: there is no such option', "HEADWATER_DRAIN_TIMEOUT: 'soon'", "HEADWATER_CORS_ORIGIN: 'https://b.example/'"]) {
    assert.ok(stderr.includes(part), `${part} is not in: ${stderr}`);
  }
  assert.equal(stderr.trim().split('\n').length, 10, stderr);
});

test('files that are named and not there', async () => {
  const { code, stderr } = await check(['--rabbit', 'amqps://u:secret@h/?cacertfile=/nowhere/ca.pem', '--data-dir', '/proc/nowhere', '--config', '/nowhere.toml']);
  assert.equal(code, 2);
  for (const part of ['/nowhere/ca.pem cannot be read', '/nowhere.toml cannot be read']) assert.ok(stderr.includes(part), stderr);
  assert.ok(!stderr.includes('secret'), stderr);
});

test('whether there are keys is asked when it starts, not before', async () => {
  assert.equal((await check(['--listen', '0.0.0.0:0'])).code, 0);
  assert.equal((await check(['--listen', '0.0.0.0:0', '--insecure-open'])).code, 0);
  assert.equal((await check(['--listen', '0.0.0.0:0'], { env: { HEADWATER_INSECURE_OPEN: 'true' } })).code, 0);
});

test('a variable that nobody reads is warned of', async () => {
  const { code, stderr } = await check([], { env: { HEADWATER_LISTN: '127.0.0.1:1' } });
  assert.equal(code, 0);
  assert.match(stderr, /HEADWATER_LISTN: there is no such variable; did you mean HEADWATER_LISTEN\?/);
});

test('the command line is stronger than a variable, and that than the file', async () => {
  const config = file('node.toml', 'node = "from-file"\nlog-level = "debug"\n');
  const labels = [];
  for (const [args, env] of [[[], {}], [[], { HEADWATER_NODE: 'from-variable' }], [['--node', 'from-line'], { HEADWATER_NODE: 'from-variable' }]]) {
    const server = await startHeadwater({ args: ['--config', config, ...args], env });
    labels.push((await getJson(`${server.url}/api/stats`)).body.node);
    await server.stop();
  }
  assert.deepEqual(labels, ['from-file', 'from-variable', 'from-line']);
});

test('the printed configuration names every option, and its own values are good', async () => {
  const { stdout } = await headwater(['serve', '--print-config']);
  const options = optionsIn(await helpOf('serve')).filter((name) => !['config', 'check-config', 'print-config'].includes(name));
  for (const name of options) assert.match(stdout, new RegExp(`^#${name} = `, 'm'));
  const uncommented = stdout.replace(/^#([a-z-]+ = )/gm, '$1').replace(/^[a-z-]+ = ""\n/gm, '');
  const { code, stderr } = await headwater(['serve', '--check-config', '--config', file('printed.toml', uncommented), '--data-dir', folder]);
  assert.equal(code, 0, stderr);
});

test('every promised option is there', async () => {
  const options = optionsIn(await helpOf('serve'));
  for (const name of promised) assert.ok(options.includes(name), `--${name}`);
});

test('help teaches: every command has a sentence, and those that do something have examples', async () => {
  const commands = await allCommands();
  for (const name of ['serve', 'migrate', 'send', 'register', 'tail', 'feed', 'streams', 'monitors', 'keys', 'openapi', 'version', 'completion', 'man']) {
    assert.ok(commands.some((words) => words.join(' ') === name), name);
  }
  for (const name of ['send', 'register', 'tail', 'feed', 'streams', 'monitors', 'serve']) assert.match(await helpOf(name), /\nExamples:\n {2}headwater /);
  const plain = await headwater([]);
  assert.equal(plain.code, 2);
});

test('the manual page and the completions name every command and option', async () => {
  const man = (await headwater(['man'])).stdout.replaceAll('\\-', '-').replaceAll('\\fB', '').replaceAll('\\fR', '');
  const bash = (await headwater(['completion', 'bash'])).stdout;
  const zsh = (await headwater(['completion', 'zsh'])).stdout;
  for (const words of await allCommands()) {
    const options = optionsIn(await helpOf(...words));
    assert.ok(man.includes(`headwater ${words.join(' ')}`), `man: ${words}`);
    assert.ok(bash.includes(`'/${words.join('/')}')`), `bash: ${words}`);
    assert.ok(zsh.includes(`_headwater_${words.join('_').replaceAll('-', '_')}() {`), `zsh: ${words}`);
    for (const name of options) {
      assert.ok(man.includes(`\n--${name}`), `man: ${words} --${name}`);
      assert.ok(bash.includes(` --${name}`), `bash: ${words} --${name}`);
      assert.ok(zsh.includes(`--${name}[`), `zsh: ${words} --${name}`);
    }
  }
});

test('bash completes commands, options, values and files', async () => {
  const script = file('completion.bash', (await headwater(['completion', 'bash'])).stdout);
  const complete = async (...words) => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const { stdout } = await run('bash', ['-c', `source ${script}; COMP_WORDS=(headwater ${quoted}); COMP_CWORD=${words.length}; _headwater; printf '%s\\n' "\${COMPREPLY[@]}"`], { cwd: folder });
    return stdout.trim().split('\n');
  };
  assert.deepEqual(await complete('str'), ['streams']);
  assert.ok((await complete('streams', '')).includes('replay'));
  assert.deepEqual(await complete('streams', 'replay', 'shop', '--ra'), ['--rate']);
  assert.deepEqual(await complete('feed', '--slice', 'm'), ['minute', 'month']);
  assert.deepEqual(await complete('send', '--file', 'good'), ['good.toml']);
  assert.deepEqual(await complete('completion', 'z'), ['zsh']);
});

test('zsh takes its completion', { skip: !isThere('zsh') && 'zsh is not on this machine' }, async () => {
  const script = file('_headwater', (await headwater(['completion', 'zsh'])).stdout);
  await run('zsh', ['-n', script]);
});

test('the manual page is good troff', { skip: !isThere('man') && 'man is not on this machine' }, async () => {
  const page = file('headwater.1', (await headwater(['man'])).stdout);
  const { stdout, stderr } = await run('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page], { env: { ...process.env, LC_ALL: 'C.UTF-8', MANROFFSEQ: '' } });
  assert.ok(stdout.length > 10_000);
  assert.equal(stderr, '');
});

test('the version, in both ways', async () => {
  const { stdout } = await headwater(['version']);
  assert.match(stdout, /^headwater \d+\.\d+\.\d+\n$/);
  assert.equal((await headwater(['--version'])).stdout, stdout);
});

test('the description of the API', async () => {
  assert.match((await headwater(['openapi'])).stdout, /^openapi: 3\.1\.0\n/);
});
