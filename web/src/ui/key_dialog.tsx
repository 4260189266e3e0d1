import { useEffect, useRef, useState } from 'preact/hooks';
import { keyForm, putOff, signIn } from '../api/session';
import { useStore } from '../store';
import { TextField } from './field';

/// Asks for a key when the server wants one.
export function KeyDialog() {
  const { isOpen } = useStore(keyForm);
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState('');
  const [mistake, setMistake] = useState<string>();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const submit = async () => {
    setMistake(await signIn(key.trim()));
    setKey('');
  };
  return (
    <dialog ref={dialog} aria-labelledby="key-title" onCancel={(event) => { event.preventDefault(); putOff(); }}>
      <form onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <h2 id="key-title">A key is needed</h2>
        <p>This server asks for keys. Yours is exchanged for a short-lived token, which stays in this tab; the key itself is not kept.</p>
        <TextField label="Key" type="password" value={key} set={setKey} error={mistake} wide
          hint={<>Make one on the server: <code>headwater keys create --name dashboard --scope admin</code></>} />
        <div class="actions">
          <button type="submit" class="main">Use this key</button>
          <button type="button" onClick={putOff}>Not now</button>
        </div>
      </form>
    </dialog>
  );
}
