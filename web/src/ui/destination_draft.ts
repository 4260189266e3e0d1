/// A destination while it is being typed: the kinds of streams and their options, as the API names them.

export interface Draft {
  source: string; name: string; order: string; from: string; options: Record<string, string>;
  /// What is stored already: its kind, and options of it that the form does not show.
  stored?: { source: string; others: Record<string, unknown> };
}

type Kind = 'text' | 'number' | 'list' | 'pairs' | 'flag' | 'long' | 'secret';
export interface Option { name: string; label: string; kind?: Kind; hint?: string; storedHint?: string; placeholder?: string; choices?: string[]; isRare?: boolean; isLong?: boolean }

const retries: Option = { name: 'retries', label: 'Waits before further attempts', kind: 'list', placeholder: '5s, 5min, 2h', hint: 'Empty: nine attempts over three days', isRare: true };

export const optionsOf: Record<string, Option[]> = {
  webhook: [
    { name: 'uri', label: 'Address', isLong: true, placeholder: 'https://example.org/hook', hint: 'Any 2xx counts as delivered' },
    retries,
    { name: 'timeout', label: 'Timeout', placeholder: '15s', isRare: true },
    { name: 'maxInFlight', label: 'Most at once', kind: 'number', isRare: true },
    { name: 'format', label: 'Format', choices: ['', 'event', 'cloudevents'], isRare: true },
    { name: 'headers', label: 'Further headers', kind: 'pairs', placeholder: 'X-Team: billing', hint: 'One a line', storedHint: 'One a line; *** keeps the value that is stored', isRare: true },
    { name: 'secret', label: 'Signing secret', kind: 'secret', placeholder: 'whsec_…', hint: 'Empty: one is made and shown once', storedHint: 'Empty: it stays as it is', isRare: true },
  ],
  rabbit: [
    { name: 'exchange', label: 'Exchange', placeholder: 'campaigns' },
    { name: 'routingKey', label: 'Routing key', placeholder: '{type}', hint: 'May use {type}' },
    { name: 'exchangeType', label: 'Kind of exchange', choices: ['', 'topic', 'direct', 'fanout'], isRare: true },
    { name: 'connection', label: 'Broker', placeholder: 'default', isRare: true },
    { name: 'vhost', label: 'Virtual host', placeholder: '/', isRare: true },
    { name: 'persistent', label: 'The broker keeps the messages on disk', kind: 'flag', isRare: true },
    { name: 'mandatory', label: 'A message that no queue takes has failed', kind: 'flag', isRare: true },
  ],
  email: [
    { name: 'to', label: 'To', kind: 'list', isLong: true, placeholder: 'ops@example.org', hint: 'Commas between several' },
    { name: 'subject', label: 'Subject of the mail', placeholder: '{type} ({id})', isRare: true },
    { name: 'template', label: 'Text of the mail', kind: 'long', hint: 'With {id}, {type}, {payload.member} …', isRare: true },
    retries,
  ],
};

export const emptyDraft = (): Draft => ({ source: 'webhook', name: '', order: '', from: 'now', options: {} });

/// As one types it; nothing for what is of another kind than the form knows.
function textOf({ name, kind }: Option, value: unknown): string | undefined {
  if (kind === 'pairs') return Object.entries(value as Record<string, string>).map(([key, text]) => `${key}: ${text}`).join('\n');
  if (Array.isArray(value)) return value.join(', ');
  if (name === 'timeout' && typeof value === 'number') return `${value}s`;
  return typeof value === 'object' ? undefined : String(value);
}

/// What is stored, to be changed. `told` has its options and nothing else; secrets are never among them.
export function draftOf(source: string, order: string, told: Record<string, unknown>): Draft {
  const options: Record<string, string> = {};
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(told)) {
    const option = optionsOf[source]?.find((one) => one.name === name);
    const text = option && textOf(option, value);
    if (text === undefined) others[name] = value;
    else options[name] = text;
  }
  return { source, name: '', order, from: 'now', options, stored: { source, others } };
}

function valueOf({ kind }: Option, text: string): unknown {
  if (kind === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  if (kind === 'flag') return text !== 'false';
  if (kind === 'list') return text.split(',').map((item) => item.trim()).filter(Boolean);
  if (kind === 'pairs') return Object.fromEntries(text.split('\n').filter((line) => line.includes(':')).map((line) => line.split(/:(.*)/s).slice(0, 2).map((part) => part.trim())));
  return text;
}

/// What the API takes; `whole` with the members of a stream, else the destination alone.
export function bodyOf(draft: Draft, extent: 'stream' | 'destination'): Record<string, unknown> {
  const isStored = draft.stored?.source === draft.source;
  const body: Record<string, unknown> = { ...(isStored && draft.stored?.others), source: draft.source };
  for (const option of optionsOf[draft.source] ?? []) {
    const text = draft.options[option.name] ?? '';
    if (text.trim() !== '') body[option.name] = valueOf(option, text);
  }
  if (draft.source === 'webhook') body.uri ??= '';
  if (extent === 'destination') return body;
  if (draft.name) body.name = draft.name;
  if (draft.order) body.order = draft.order;
  if (draft.from !== 'now') body.from = draft.from;
  return body;
}
