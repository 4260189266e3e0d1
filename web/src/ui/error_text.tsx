/// What went wrong, with the protocol's own code where the sentence does not have it.
export function ErrorText({ text, status }: { text?: string; status?: number }) {
  if (!text) return status ? <>{status}</> : null;
  return <>{text}{status && !text.includes(String(status)) ? ` (${status})` : ''}</>;
}
