/** The transitions of a state machine: for each state, where each event that means something leads. */
export type Transitions<State extends string, Event extends string> = {
  readonly [S in State]: { readonly [E in Event]?: State };
};

/** The state after `event`. An event that means nothing in `state`, such as one that comes late, leaves it. */
export function nextState<State extends string, Event extends string>(
  transitions: Transitions<State, Event>,
  state: State,
  event: Event,
): State {
  return transitions[state][event] ?? state;
}
