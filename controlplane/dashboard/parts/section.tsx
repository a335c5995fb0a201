import type { ComponentChildren, JSX } from 'preact';

interface SectionProps {
  readonly id: string;
  readonly title: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly end?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ id, title, note, end, children }: SectionProps): JSX.Element {
  return (
    <section class="sec" id={id} aria-labelledby={`h-${id}`}>
      <div class="sec-head">
        <h2 id={`h-${id}`}>{title}</h2>
        {note && <span class="note">{note}</span>}
        {end && <span class="end">{end}</span>}
      </div>
      {children}
    </section>
  );
}

/** What is the case when there is nothing to show, and the one thing to do. */
export function Empty({
  title,
  children,
}: {
  readonly title: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="card empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** The reason why a part could not be read, in its own place. */
export function Problem({ what, error }: { readonly what: string; readonly error: string }): JSX.Element {
  return (
    <Empty title={what}>
      <p role="alert">{error} It is tried again by itself.</p>
    </Empty>
  );
}
