import { useEffect, useRef } from 'preact/hooks';
import { useStore, writable } from '../store';

const question = writable<{ text: string; answer: (yes: boolean) => void } | undefined>(undefined);

/// Asks; resolves to true for yes.
export const confirmed = (text: string): Promise<boolean> => new Promise((resolve) => {
  question.set({ text, answer: (yes) => { question.set(undefined); resolve(yes); } });
});

export function ConfirmDialog() {
  const open = useStore(question);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby="confirm-text" onCancel={(event) => { event.preventDefault(); open?.answer(false); }}>
      <p id="confirm-text">{open?.text}</p>
      <div class="actions">
        <button type="button" class="main" onClick={() => open?.answer(true)}>Yes, do it</button>
        <button type="button" onClick={() => open?.answer(false)}>No</button>
      </div>
    </dialog>
  );
}
