import { useMemo, useState } from 'preact/hooks';
import { payloadOf, type ShownEvent } from '../api/events';
import { clockTime } from '../format';
import type { ComponentChildren } from 'preact';
import { Json } from './json';

const previewed = 160;

/// One line of an event; opening it shows the payload as it was sent.
export function EventRow({ event, side }: { event: ShownEvent; side?: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  const payload = useMemo(() => payloadOf(event), [event.text]);
  return (
    <li class={`event${isOpen ? ' open' : ''}`}>
      <div class="event-line">
        <button type="button" class="event-open" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <time dateTime={event.created_at} title={event.created_at}>{clockTime(event.created_at)}</time>
          <span class="event-type">{event.type}</span>
          <span class="event-content">
            {event.subject && <span class="event-subject">{event.subject}</span>}
            <code class="event-preview">{payload.slice(0, previewed)}</code>
          </span>
        </button>
        <div class="event-side">
          {event.ephemeral ? <span class="quiet">ephemeral</span> : <a href={`#/events/${event.id}`} title="The event and where it went">{event.id}</a>}
          {side}
        </div>
      </div>
      {isOpen && (
        <div class="event-more">
          {(event.sourceId ?? event.source ?? event.occurredAt) && (
            <p class="quiet">
              {event.occurredAt && <>occurred at {event.occurredAt} </>}{event.source && <>· source {event.source} </>}{event.sourceId && <>· id of the sender {event.sourceId}</>}
            </p>
          )}
          <Json text={payload} label="payload" />
        </div>
      )}
    </li>
  );
}
