/// A destination as a form.
import { optionsOf, type Draft, type Option } from './destination_draft';
import { CheckField, SelectField, TextField } from './field';

export { bodyOf, draftOf, emptyDraft, type Draft } from './destination_draft';

const describe: Record<string, string> = { webhook: 'Webhook', rabbit: 'RabbitMQ', email: 'E-mail' };

const orders: [string, string][] = [['', 'as usual for its kind'], ['loose', 'loose: the next ones go on'], ['subject', 'subject: in order within each subject'], ['strict', 'strict: in order, the stream waits']];

interface Props { draft: Draft; set: (draft: Draft) => void; at: string; mistakeAt: (pointer: string) => string | undefined; extent: 'stream' | 'destination' }

export function DestinationFields({ draft, set, at, mistakeAt, extent }: Props) {
  const options = optionsOf[draft.source] ?? [];
  const isStored = draft.stored?.source === draft.source;
  const setOption = (name: string) => (value: string) => set({ ...draft, options: { ...draft.options, [name]: value } });
  const mistakeOf = ({ name, kind }: Option) => mistakeAt(`${at}/${name}`) ?? (kind === 'list' ? mistakeAt(`${at}/${name}/0`) : undefined);
  const control = (option: Option) => {
    const common = { key: option.name, label: option.label, set: setOption(option.name), error: mistakeOf(option) };
    const value = draft.options[option.name] ?? '';
    if (option.kind === 'flag') return <CheckField key={option.name} label={option.label} value={value !== 'false'} set={(on) => setOption(option.name)(String(on))} />;
    if (option.choices) return <SelectField {...common} value={value} options={option.choices.filter((name) => name || !isStored).map((name) => [name, name || 'as usual'])} />;
    return <TextField {...common} value={value} placeholder={option.placeholder} long={option.isLong ?? (option.kind === 'pairs' || option.kind === 'long')} hint={isStored ? option.storedHint ?? option.hint : option.hint} type={option.kind === 'secret' ? 'password' : undefined}
      rows={option.kind === 'pairs' || option.kind === 'long' ? 3 : undefined} inputMode={option.kind === 'number' ? 'numeric' : undefined} />;
  };
  const isRare = (option: Option) => option.isRare;
  const fieldsOf = (list: Option[]) => list.filter(({ kind }) => kind !== 'flag').map(control);
  return (
    <>
      <div class="fields">
        <SelectField label="Kind" value={draft.source} set={(source) => set({ ...draft, source })} options={Object.entries(describe)} error={mistakeAt(`${at}/source`)} />
        {fieldsOf(options.filter((option) => !isRare(option)))}
      </div>
      <details class="more-options" open={options.some((option) => isRare(option) && mistakeOf(option)) || undefined}>
        <summary>More options</summary>
        <div class="fields">
          {extent === 'stream' && <SelectField label="Order" value={draft.order} set={(order) => set({ ...draft, order })} error={mistakeAt(`${at}/order`)} options={draft.stored ? orders.slice(1) : orders} />}
          {extent === 'stream' && !draft.stored && <SelectField label="Begin" value={draft.from} set={(from) => set({ ...draft, from })} options={[['now', 'with the next event'], ['beginning', 'with all that is retained']]} error={mistakeAt(`${at}/from`)} />}
          {fieldsOf(options.filter(isRare))}
        </div>
        {options.filter(({ kind }) => kind === 'flag').map(control)}
      </details>
    </>
  );
}
