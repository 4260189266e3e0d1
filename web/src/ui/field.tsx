import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string;
  wide?: boolean;
  /// Takes two columns where there are some.
  long?: boolean;
  /// Gets the ids that tie the control to its label, hint and mistake.
  children: (control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }) => ComponentChildren;
}

/// A control with its label, and what is wrong with it beside it.
export function Field({ label, hint, error, wide, long, children }: FieldProps) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;
  return (
    <div class={`field${wide ? ' wide' : ''}${long ? ' long' : ''}`}>
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error ? true : undefined })}
      {error && <p class="mistake" id={`${id}-error`}>{error}</p>}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

interface TextProps { label: string; value: string; set: (value: string) => void; hint?: ComponentChildren; error?: string; wide?: boolean; long?: boolean;
  placeholder?: string; type?: string; rows?: number; required?: boolean; list?: string; inputMode?: 'numeric' }

export function TextField({ label, value, set, hint, error, wide, long, rows, ...rest }: TextProps) {
  return (
    <Field label={label} hint={hint} error={error} wide={wide} long={long}>
      {(control) => (rows
        ? <textarea {...control} {...rest} rows={rows} spellcheck={false} value={value} onInput={(event) => set(event.currentTarget.value)} />
        : <input {...control} {...rest} spellcheck={false} autoComplete="off" value={value} onInput={(event) => set(event.currentTarget.value)} />)}
    </Field>
  );
}

export function SelectField({ label, value, set, options, hint, error }: { label: string; value: string; set: (value: string) => void;
  options: (string | [string, string])[]; hint?: ComponentChildren; error?: string }) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <select {...control} value={value} onChange={(event) => set(event.currentTarget.value)}>
          {options.map((option) => {
            const [name, text] = typeof option === 'string' ? [option, option] : option;
            return <option key={name} value={name}>{text}</option>;
          })}
        </select>
      )}
    </Field>
  );
}

export function CheckField({ label, value, set }: { label: string; value: boolean; set: (value: boolean) => void }) {
  const id = useId();
  return (
    <div class="check-field">
      <input id={id} type="checkbox" checked={value} onChange={(event) => set(event.currentTarget.checked)} />
      <label for={id}>{label}</label>
    </div>
  );
}
