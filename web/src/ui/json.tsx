import { layOut } from '../api/json_text';
import { CopyButton } from './copy';

const colouredUpTo = 60_000;
const shownUpTo = 400_000;

/// JSON laid out in lines: every character of it is text.
export function Json({ text, label }: { text: string; label: string }) {
  const cut = text.slice(0, shownUpTo);
  return (
    <div class="json">
      <CopyButton text={text} label={`Copy ${label}`} />
      <pre tabIndex={0} aria-label={label}>
        {cut.length > colouredUpTo ? cut : layOut(cut).map((token) => (token.kind === 'mark' ? token.text : <span class={token.kind}>{token.text}</span>))}
        {text.length > shownUpTo && `\n… ${text.length - shownUpTo} more characters; copying takes all of it`}
      </pre>
    </div>
  );
}
