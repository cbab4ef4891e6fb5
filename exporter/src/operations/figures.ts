const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A whole number as people read it: `58,796`. For texts only; numbers in JSON stay numbers. */
export function count(number: number): string {
  return whole.format(number)
}
