/** What a link that writes for an operation asks whoever runs it. */
export interface Ownership {
  /** Right before each write. What it throws is thrown, and nothing is sent. */
  readonly mustOwn: () => void
  /**
   * When a new connection has its name, and that was answered; before it is used. A later owner that the answer does
   * not know of finds the connection by its name and ends it. What it throws is thrown, and the connection is ended.
   */
  readonly confirmOwn: () => Promise<void>
}
