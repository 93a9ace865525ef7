// What a browser remembers of the reader's taste; never what was asked. Storage may be blocked.
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(`gas-variants-${name}`, JSON.stringify(value));
  } catch {
    // blocked or full: it holds for this page
  }
}

export function recall<Kind>(name: string, otherwise: Kind): Kind {
  try {
    const text = localStorage.getItem(`gas-variants-${name}`);
    return text === null ? otherwise : (JSON.parse(text) as Kind);
  } catch {
    return otherwise;
  }
}
