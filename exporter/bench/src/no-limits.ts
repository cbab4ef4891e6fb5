const nothing = (): Promise<void> => Promise.resolve()

/** What a run is given by an engine that neither limits nor gates it and does not keep what it tells. */
export const noLimits = {
  rate: () => ({}),
  gate: nothing,
  measured: nothing,
  compared: nothing,
  verifying: nothing,
  undoing: nothing,
}
