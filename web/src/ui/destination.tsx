/// A destination as a form: the kinds of streams and their options, as the API names them.
import { CheckField, SelectField, TextField } from './field';

export interface Draft { source: string; name: string; order: string; from: string; options: Record<string, string> }

type Kind = 'text' | 'number' | 'list' | 'pairs' | 'flag' | 'long';
interface Option { name: string; label: string; kind?: Kind; hint?: string; placeholder?: string; choices?: string[]; isRare?: boolean }

const optionsOf: Record<string, Option[]> = {
  webhook: [
    { name: 'uri', label: 'Address', placeholder: 'https://example.org/hook', hint: 'Any 2xx counts as delivered' },
    { name: 'retries', label: 'Waits before further attempts', kind: 'list', placeholder: '5s, 5min, 2h', hint: 'Empty: nine attempts over three days', isRare: true },
    { name: 'timeout', label: 'Timeout', placeholder: '15s', isRare: true },
    { name: 'maxInFlight', label: 'Most at once', kind: 'number', isRare: true },
    { name: 'format', label: 'Format', choices: ['', 'event', 'cloudevents'], isRare: true },
    { name: 'headers', label: 'Further headers', kind: 'pairs', placeholder: 'X-Team: billing', hint: 'One a line', isRare: true },
    { name: 'secret', label: 'Signing secret', placeholder: 'whsec_…', hint: 'Empty: one is made and shown once', isRare: true },
  ],
  rabbit: [
    { name: 'exchange', label: 'Exchange', placeholder: 'campaigns' },
    { name: 'routingKey', label: 'Routing key', placeholder: '{type}', hint: 'May use {type}' },
    { name: 'exchangeType', label: 'Kind of exchange', choices: ['', 'topic', 'direct', 'fanout'], isRare: true },
    { name: 'connection', label: 'Broker', placeholder: 'default', isRare: true },
    { name: 'vhost', label: 'Virtual host', placeholder: '/', isRare: true },
  ],
  email: [
    { name: 'to', label: 'To', kind: 'list', placeholder: 'ops@example.org', hint: 'Commas between several' },
    { name: 'subject', label: 'Subject of the mail', placeholder: '{type} ({id})', isRare: true },
    { name: 'template', label: 'Text of the mail', kind: 'long', hint: 'With {id}, {type}, {payload.member} …', isRare: true },
  ],
};

export const emptyDraft = (): Draft => ({ source: 'webhook', name: '', order: '', from: 'now', options: {} });

function valueOf({ kind }: Option, text: string): unknown {
  if (kind === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  if (kind === 'list') return text.split(',').map((item) => item.trim()).filter(Boolean);
  if (kind === 'pairs') return Object.fromEntries(text.split('\n').filter((line) => line.includes(':')).map((line) => line.split(/:(.*)/s).slice(0, 2).map((part) => part.trim())));
  return text;
}

/// What the API takes; `whole` with the members of a stream, else the destination alone.
export function bodyOf(draft: Draft, extent: 'stream' | 'destination'): Record<string, unknown> {
  const body: Record<string, unknown> = { source: draft.source };
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

const describe: Record<string, string> = { webhook: 'Webhook', rabbit: 'RabbitMQ', email: 'E-mail' };

interface Props { draft: Draft; set: (draft: Draft) => void; at: string; mistakeAt: (pointer: string) => string | undefined; extent: 'stream' | 'destination' }

export function DestinationFields({ draft, set, at, mistakeAt, extent }: Props) {
  const options = optionsOf[draft.source] ?? [];
  const setOption = (name: string) => (value: string) => set({ ...draft, options: { ...draft.options, [name]: value } });
  const control = (option: Option) => {
    const value = draft.options[option.name] ?? '';
    const pointer = `${at}/${option.name}`;
    const error = mistakeAt(pointer) ?? (option.kind === 'list' ? mistakeAt(`${pointer}/0`) : undefined);
    if (option.kind === 'flag') return <CheckField key={option.name} label={option.label} value={value === 'true'} set={(on) => setOption(option.name)(String(on))} />;
    if (option.choices) return <SelectField key={option.name} label={option.label} value={value} set={setOption(option.name)} options={option.choices.map((name) => [name, name || 'as usual'])} error={error} />;
    return <TextField key={option.name} label={option.label} value={value} set={setOption(option.name)} placeholder={option.placeholder} hint={option.hint} error={error}
      rows={option.kind === 'pairs' || option.kind === 'long' ? 3 : undefined} inputMode={option.kind === 'number' ? 'numeric' : undefined} />;
  };
  return (
    <>
      <div class="fields">
        <SelectField label="Kind" value={draft.source} set={(source) => set({ ...draft, source })} options={Object.entries(describe)} error={mistakeAt(`${at}/source`)} />
        {options.filter((option) => !option.isRare).map(control)}
      </div>
      <details class="more-options" open={options.some((option) => option.isRare && mistakeAt(`${at}/${option.name}`)) || undefined}>
        <summary>More options</summary>
        <div class="fields">
          {extent === 'stream' && (
            <>
              <SelectField label="Order" value={draft.order} set={(order) => set({ ...draft, order })} error={mistakeAt(`${at}/order`)}
                options={[['', 'as usual for its kind'], ['loose', 'loose: the next ones go on'], ['subject', 'subject: in order within each subject'], ['strict', 'strict: in order, the stream waits']]} />
              <SelectField label="Begin" value={draft.from} set={(from) => set({ ...draft, from })} options={[['now', 'with the next event'], ['beginning', 'with all that is retained']]} error={mistakeAt(`${at}/from`)} />
            </>
          )}
          {options.filter((option) => option.isRare).map(control)}
        </div>
      </details>
    </>
  );
}
