import { useStore, writable } from '../store';
import { Icon } from './icon';

interface Notice { id: number; text: string; tone: 'good' | 'bad' }

const shown = writable<Notice[]>([]);
let last = 0;

/// Says something for a while, to the eye and to screen readers.
export function notify(text: string, tone: Notice['tone'] = 'good'): void {
  const id = last += 1;
  shown.set([...shown.get().slice(-3), { id, text, tone }]);
  setTimeout(() => dismiss(id), tone === 'bad' ? 12_000 : 6_000);
}

const dismiss = (id: number) => shown.set(shown.get().filter((notice) => notice.id !== id));

export function Notices() {
  const notices = useStore(shown);
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.map(({ id, text, tone }) => (
        <div key={id} class={`notice ${tone}`}>
          <Icon name={tone === 'bad' ? 'alert' : 'check'} />
          <span>{text}</span>
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => dismiss(id)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}
