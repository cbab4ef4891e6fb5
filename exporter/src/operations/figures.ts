/** A whole number as people read it: `58,796`. For texts only; numbers in JSON stay numbers. */
export function count(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: 0 })
}
