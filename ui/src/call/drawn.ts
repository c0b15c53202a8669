/**
 * Counts pictures of the patient that were really drawn: the number embedded in a picture (`media::stamp`) is read back
 * from the canvas after drawing. Only a training edition asks for it; a real camera carries no number and counts nothing.
 */

const COLUMNS = 8
const ROWS = 5
const CHECK = 0xa5

/** The side of a cell in pixels. */
export const cellOf = (height: number) => Math.floor((height * 2) / 45)

export const cornerSize = (height: number) => ({ width: cellOf(height) * COLUMNS, height: cellOf(height) * ROWS })

/** The number in the corner (RGBA by rows, of the size that `cornerSize` says); none when there is no stamp. */
export function readStamp(corner: ArrayLike<number>, pictureHeight: number): number | null {
  const side = cellOf(pictureHeight)
  if (side === 0) return null
  const stride = side * COLUMNS * 4
  const inner = Math.max(1, Math.floor(side / 2))
  const from = Math.floor(side / 4)
  const rows: number[] = []
  for (let row = 0; row < ROWS; row += 1) {
    let bits = 0
    for (let column = 0; column < COLUMNS; column += 1) {
      let sum = 0
      for (let y = 0; y < inner; y += 1)
        for (let x = 0; x < inner; x += 1) {
          const at = (row * side + from + y) * stride + (column * side + from + x) * 4
          sum += (corner[at] ?? 0) + (corner[at + 1] ?? 0) + (corner[at + 2] ?? 0)
        }
      bits = (bits << 1) | (sum / (inner * inner * 3) > 127 ? 1 : 0)
    }
    rows.push(bits)
  }
  const [a = 0, b = 0, c = 0, d = 0, check] = rows
  if (check !== (a ^ b ^ c ^ d ^ CHECK)) return null
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

let counting = false
let count = 0
let last: number | null = null

export function startCounting() {
  counting = true
}

export const isCounting = () => counting

/** A picture drawn twice counts once. */
export function countDrawn(number: number | null) {
  if (number === null || number === last) return
  last = number
  count += 1
}

export const drawnCount = () => count

export function forgetDrawn() {
  count = 0
  last = null
}
