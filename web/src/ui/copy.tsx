import { useState } from 'preact/hooks';
import { notify } from './notices';
import { Icon } from './icon';

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1500);
    } catch {
      notify('The browser does not let this page copy; select the text instead.', 'bad');
    }
  };
  return (
    <button type="button" class="plain copy" aria-label={label} title={label} onClick={() => void copy()}>
      <Icon name={isDone ? 'check' : 'copy'} />
    </button>
  );
}

/// A line to type in a terminal.
export function CommandLine({ text }: { text: string }) {
  return (
    <div class="command">
      <pre tabIndex={0} aria-label="Command line">{text}</pre>
      <CopyButton text={text} label="Copy this line" />
    </div>
  );
}

/// Something that is shown this once.
export function Secret({ name, value }: { name: string; value: string }) {
  return (
    <div class="secret" role="status">
      <strong>{name}</strong>
      <p>It is shown this once; keep it where only those who need it can read it.</p>
      <CommandLine text={value} />
    </div>
  );
}
