/// JSON as text: what was sent is shown as it was sent, with its numbers, key order and escapes, which JSON.parse would not keep.
/// All of it expects valid JSON, as the server gives it.

const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9;

function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/// Behind the string that begins at `at`.
function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

/// Behind the value that begins at `at`.
function endOfValue(text: string, at: number): number {
  if (text[at] === '"') return endOfString(text, at);
  let depth = 0;
  let i = at;
  while (i < text.length) {
    const c = text[i]!;
    if (c === '"') {
      i = endOfString(text, i);
      continue;
    }
    if (c === '{' || c === '[') depth += 1;
    else if (c === '}' || c === ']') {
      if (depth === 0) return i;
      depth -= 1;
      if (depth === 0) return i + 1;
    } else if (depth === 0 && (c === ',' || isSpace(text.charCodeAt(i)))) return i;
    i += 1;
  }
  return i;
}

/// The text of an object's member; undefined when it has none of that name.
export function memberText(text: string, name: string): string | undefined {
  let at = skipSpace(text, 0) + 1;
  for (;;) {
    at = skipSpace(text, at);
    if (text[at] !== '"') return undefined;
    const end = endOfString(text, at);
    const key = JSON.parse(text.slice(at, end)) as string;
    at = skipSpace(text, skipSpace(text, end) + 1);
    const valueEnd = endOfValue(text, at);
    if (key === name) return text.slice(at, valueEnd);
    at = skipSpace(text, valueEnd) + 1;
  }
}

/// The texts of an array's elements.
export function elementTexts(text: string): string[] {
  const found: string[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (at < text.length && text[at] !== ']') {
    const end = endOfValue(text, at);
    found.push(text.slice(at, end));
    at = skipSpace(text, skipSpace(text, end) + 1);
  }
  return found;
}

export interface Token { kind: 'key' | 'string' | 'number' | 'word' | 'mark'; text: string }

/// The text in lines with indentation, cut into tokens for colouring.
export function layOut(text: string): Token[] {
  const tokens: Token[] = [];
  const mark = (piece: string) => {
    const last = tokens.at(-1);
    if (last?.kind === 'mark') last.text += piece;
    else tokens.push({ kind: 'mark', text: piece });
  };
  const newLine = (depth: number) => mark(`\n${'  '.repeat(depth)}`);
  let depth = 0;
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const c = text[at]!;
    if (c === '"') {
      const end = endOfString(text, at);
      tokens.push({ kind: text[skipSpace(text, end)] === ':' ? 'key' : 'string', text: text.slice(at, end) });
      at = end;
      continue;
    }
    if (c === '{' || c === '[') {
      const inner = skipSpace(text, at + 1);
      if (text[inner] === '}' || text[inner] === ']') {
        mark(c + text[inner]);
        at = inner + 1;
        continue;
      }
      mark(c);
      newLine(depth += 1);
    } else if (c === '}' || c === ']') {
      newLine(depth -= 1);
      mark(c);
    } else if (c === ',') {
      mark(c);
      newLine(depth);
    } else if (c === ':') mark(': ');
    else {
      const end = endOfValue(text, at);
      tokens.push({ kind: /[-\d]/.test(c) ? 'number' : 'word', text: text.slice(at, end) });
      at = end;
      continue;
    }
    at += 1;
  }
  return tokens;
}
