// How the dashboard reads JSON as text: compiled by the dashboard's own esbuild, tried on what JSON.parse would not keep and on
// documents at random.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { transformSync } from '../../web/node_modules/esbuild/lib/main.js';

async function compiled(file) {
  const source = fs.readFileSync(new URL(`../../web/src/${file}`, import.meta.url), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
  return import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
}
const { memberText, elementTexts, layOut } = await compiled('api/json_text.ts');
const laidOut = (text) => layOut(text).map((token) => token.text).join('');

test('a member comes out as it was sent', () => {
  const event = '{"id":"1", "type" : "a:b","payload": {"n":12345678901234567890, "1":1.50,"0":"\\u0000","}":"\\"]"} ,"links":[]}';
  assert.equal(memberText(event, 'payload'), '{"n":12345678901234567890, "1":1.50,"0":"\\u0000","}":"\\"]"}');
  assert.equal(memberText(event, 'type'), '"a:b"');
  assert.equal(memberText(event, 'links'), '[]');
  assert.equal(memberText(event, 'none'), undefined);
  assert.equal(memberText('{}', 'none'), undefined);
  assert.equal(memberText('{"\\u0061":1}', 'a'), '1', 'names are compared, not their spelling');
});

test('elements come out one by one', () => {
  assert.deepEqual(elementTexts('[ {"a":[1,2]} , "x,]" ,3,null ]'), ['{"a":[1,2]}', '"x,]"', '3', 'null']);
  assert.deepEqual(elementTexts('[]'), []);
  assert.deepEqual(elementTexts(' [ ] '), []);
});

test('lines are laid out without changing a value', () => {
  assert.equal(laidOut('{"a":[1.50,{}],"b":"x"}'), '{\n  "a": [\n    1.50,\n    {}\n  ],\n  "b": "x"\n}');
  assert.equal(laidOut(' 12345678901234567890 '), '12345678901234567890');
  assert.deepEqual(layOut('{"a":true}').map(({ kind }) => kind), ['mark', 'key', 'mark', 'word', 'mark']);
});

/// Numbers between 0 and 1, the same for the same seed.
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pieces = ['', 'a', '"', '\\', '{', ']', ',', ':', ' ', 'ü', '😀', '\u0000', '\n', '</script>'];

function value(random, depth) {
  const kind = Math.floor(random() * (depth > 0 ? 7 : 5));
  const text = () => Array.from({ length: Math.floor(random() * 4) }, () => pieces[Math.floor(random() * pieces.length)]).join('');
  const list = (make) => Array.from({ length: Math.floor(random() * 4) }, make);
  switch (kind) {
    case 0: return null;
    case 1: return random() < 0.5;
    case 2: return Math.round((random() - 0.5) * 1e6) / 100;
    case 3: case 4: return text();
    case 5: return list(() => value(random, depth - 1));
    default: return Object.fromEntries(list(() => [`k${text()}`, value(random, depth - 1)]));
  }
}

test('documents at random mean the same after it', () => {
  const random = randomFrom(20261127);
  for (let i = 0; i < 2000; i += 1) {
    const sent = value(random, 4);
    const text = JSON.stringify(sent, null, i % 3);
    assert.deepEqual(JSON.parse(laidOut(text)), sent, text);
    const envelope = JSON.stringify({ id: 'x', payload: sent, after: [sent, sent] }, null, i % 2);
    assert.deepEqual(JSON.parse(memberText(envelope, 'payload')), sent);
    assert.deepEqual(elementTexts(memberText(envelope, 'after')).map((one) => JSON.parse(one)), [sent, sent]);
  }
});
