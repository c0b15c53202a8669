/** A picture as it crosses the border: a header of 24 bytes, little-endian, then the Y, U and V planes (`media::wire`). */

const HEADER = 24
const VERSION = 1

export type Picture = {
  kind: 'remote' | 'own'
  width: number
  height: number
  seq: number
  skipped: number
  y: Uint8Array
  u: Uint8Array
  v: Uint8Array
}

/** None when the bytes are not a picture of this version: nothing foreign is drawn. */
export function readPicture(buffer: ArrayBuffer): Picture | null {
  if (buffer.byteLength < HEADER) return null
  const view = new DataView(buffer)
  if (view.getUint8(1) !== VERSION || view.getUint8(0) > 1) return null
  const width = view.getUint16(2, true)
  const height = view.getUint16(4, true)
  const chromaWidth = (width + 1) >> 1
  const chromaHeight = (height + 1) >> 1
  const luma = width * height
  const chroma = chromaWidth * chromaHeight
  if (luma === 0 || buffer.byteLength !== HEADER + luma + 2 * chroma) return null
  return {
    kind: view.getUint8(0) === 0 ? 'remote' : 'own',
    width,
    height,
    seq: view.getUint32(16, true),
    skipped: view.getUint32(20, true),
    y: new Uint8Array(buffer, HEADER, luma),
    u: new Uint8Array(buffer, HEADER + luma, chroma),
    v: new Uint8Array(buffer, HEADER + luma + chroma, chroma),
  }
}
