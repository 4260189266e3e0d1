// ./dev package: what is in the Debian package, and that it works from where it was unpacked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { binary } from './support/headwater.mjs';
import { makeTempDir } from './support/temp_dir.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = (program, args, options) => execFileSync(program, args, { encoding: 'utf8', ...options });
const isThere = (program) => { try { run('which', [program]); return true; } catch { return false; } };
const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' };
const missing = ['dpkg-deb', 'dpkg-shlibdeps', 'strip'].find((program) => !isThere(program));

test('the package', { skip: missing && `${missing} is not on this machine` }, async (t) => {
  const folder = path.join(makeTempDir(), 'package');
  const file = run(path.join(root, 'packaging/build_deb.sh'), [binary, folder], { env }).trim();
  const unpacked = path.join(folder, 'unpacked');
  run('dpkg-deb', ['--extract', file, unpacked]);
  const inside = (name) => path.join(unpacked, name);

  await t.test('has what it promises', () => {
    for (const name of ['usr/bin/headwater', 'lib/systemd/system/headwater.service', 'usr/lib/sysusers.d/headwater.conf', 'etc/headwater/headwater.toml',
      'usr/share/man/man1/headwater.1.gz', 'usr/share/bash-completion/completions/headwater', 'usr/share/zsh/vendor-completions/_headwater',
      'usr/share/doc/headwater/copyright', 'usr/share/doc/headwater/changelog.gz', 'usr/share/doc/headwater/examples/headwater_alerts.yml']) {
      assert.ok(fs.statSync(inside(name)).size > 0, name);
    }
  });

  await t.test('says what it needs', () => {
    const depends = run('dpkg-deb', ['--field', file, 'Depends']);
    for (const name of ['libc6', 'libpq5', 'libcurl4', 'adduser']) assert.match(depends, new RegExp(`\\b${name}\\b`));
    assert.match(run('dpkg-deb', ['--field', file, 'Recommends']), /postgresql-15/);
    assert.equal(run('dpkg-deb', ['--field', file, 'Version']).trim(), run(binary, ['version']).trim().split(' ')[1]);
  });

  await t.test('belongs to root, whoever built it', () => {
    for (const line of run('dpkg-deb', ['--contents', file]).trim().split('\n')) assert.match(line, /^\S+ root\/root /);
  });

  await t.test('has a configuration that its binary takes', () => {
    const config = inside('etc/headwater/headwater.toml');
    assert.match(fs.readFileSync(config, 'utf8'), /^data-dir = "\/var\/lib\/headwater"$/m);
    assert.equal(run(inside('usr/bin/headwater'), ['serve', '--check-config', '--config', config, '--data-dir', folder]), 'ok\n');
  });

  await t.test('has a unit that systemd understands', { skip: !isThere('systemd-analyze') && 'systemd is not on this machine' }, () => {
    const unit = path.join(folder, 'headwater.service');
    const text = fs.readFileSync(inside('lib/systemd/system/headwater.service'), 'utf8');
    fs.writeFileSync(unit, text.replaceAll('/usr/bin/headwater', inside('usr/bin/headwater')));
    run('systemd-analyze', ['verify', '--man=no', unit], { stdio: 'pipe' });
  });

  await t.test('can be built again, byte by byte', () => {
    const again = run(path.join(root, 'packaging/build_deb.sh'), [binary, path.join(makeTempDir(), 'again')], { env }).trim();
    assert.ok(fs.readFileSync(again).equals(fs.readFileSync(file)));
  });
});
