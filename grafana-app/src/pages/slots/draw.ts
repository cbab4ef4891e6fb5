/** Slots a row of the map; 128 rows make all of them. */
export const COLUMNS = 128
/** Pixels a slot. */
export const CELL = 5
/** Wide enough not to vanish where the map is drawn smaller. */
const LINE = 2

export type Color = readonly [red: number, green: number, blue: number]

/**
 * The map as pixels. Between owners there is a line, so that they are told apart without their colours.
 * @param colorAt of a slot
 * @param isSame whether two slots are of one range
 */
export function draw(
  canvas: HTMLCanvasElement,
  colorAt: (slot: number) => Color,
  isSame: (a: number, b: number) => boolean,
  line: Color,
): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const size = COLUMNS * CELL
  const image = context.createImageData(size, size)
  const put = (x: number, y: number, color: Color) => {
    image.data.set([...color, 255], (y * size + x) * 4)
  }
  for (let slot = 0; slot < COLUMNS * COLUMNS; slot++) {
    const [left, top] = [(slot % COLUMNS) * CELL, Math.floor(slot / COLUMNS) * CELL]
    const color = colorAt(slot)
    for (let y = 0; y < CELL; y++) for (let x = 0; x < CELL; x++) put(left + x, top + y, color)
    const [leftLine, topLine] = [
      left > 0 && !isSame(slot - 1, slot),
      top > 0 && !isSame(slot - COLUMNS, slot),
    ]
    for (let y = 0; y < CELL; y++)
      for (let x = 0; x < CELL; x++)
        if ((leftLine && x < LINE) || (topLine && y < LINE)) put(left + x, top + y, line)
  }
  context.putImageData(image, 0, 0)
}

/** `#1f60c4` or `rgb(31, 96, 196)` as numbers; what is neither is black. */
export function colorOf(text: string): Color {
  const hex = /^#([0-9a-f]{6})/i.exec(text)?.[1]
  if (hex !== undefined) return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Color
  const [red = 0, green = 0, blue = 0] = (text.match(/\d+/g) ?? []).map(Number)
  return [red, green, blue]
}

/** Between two colours; 0: the first, 1: the second. */
export const mix = (a: Color, b: Color, share: number): Color =>
  a.map((value, i) => Math.round(value + (b[i]! - value) * share)) as unknown as Color
