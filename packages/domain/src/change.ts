/** A fact that the domain states: what happened (`user.created`), and what others need to know of it. */
export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly eventType: Type;
  readonly data: Data;
}

/** What a rule of the domain returns: the new state, and what happened on the way to it. */
export interface Change<State, Event extends DomainEvent = DomainEvent> {
  readonly state: State;
  readonly events: readonly Event[];
}

export function changed<State, Event extends DomainEvent>(
  state: State,
  ...events: Event[]
): Change<State, Event> {
  return { state, events };
}

/** The rule had nothing to do: the same state, and nothing to tell. */
export function unchanged<State>(state: State): Change<State, never> {
  return { state, events: [] };
}
