/** Pictures for the mock host: a drawn room with somebody in it, turned into the wire form, with the stamp of `media::stamp`. */
import { cellOf } from '../../call/drawn'

const WIDTH = 640
const HEIGHT = 360

type Plane = { y: Uint8Array; u: Uint8Array; v: Uint8Array }

function toPlanes(pixels: Uint8ClampedArray): Plane {
  const y = new Uint8Array(WIDTH * HEIGHT)
  const u = new Uint8Array((WIDTH / 2) * (HEIGHT / 2))
  const v = new Uint8Array(u.length)
  for (let row = 0; row < HEIGHT; row += 1)
    for (let column = 0; column < WIDTH; column += 1) {
      const at = (row * WIDTH + column) * 4
      const [r, g, b] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0]
      y[row * WIDTH + column] = 16 + 0.257 * r + 0.504 * g + 0.098 * b
      if (row % 2 === 0 && column % 2 === 0) {
        const c = (row >> 1) * (WIDTH / 2) + (column >> 1)
        u[c] = 128 - 0.148 * r - 0.291 * g + 0.439 * b
        v[c] = 128 + 0.439 * r - 0.368 * g - 0.071 * b
      }
    }
  return { y, u, v }
}

function scene(who: 'patient' | 'doctor'): Plane | null {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const context = canvas.getContext('2d')
  if (!context) return null
  const shape = (colour: string, draw: (path: CanvasRenderingContext2D) => void) => {
    context.fillStyle = colour
    context.beginPath()
    draw(context)
    context.fill()
  }
  const ellipse = (colour: string, x: number, y: number, rx: number, ry: number) =>
    shape(colour, (path) => path.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2))
  const wall = context.createLinearGradient(0, 0, WIDTH, HEIGHT)
  wall.addColorStop(0, who === 'patient' ? '#c9d2d6' : '#e3ebf0')
  wall.addColorStop(1, who === 'patient' ? '#a9b7bf' : '#cdd8e0')
  context.fillStyle = wall
  context.fillRect(0, 0, WIDTH, HEIGHT)
  if (who === 'patient') {
    shape('#8fa0aa', (p) => p.rect(40, 24, 150, 210))
    shape('#eef0ea', (p) => p.rect(48, 32, 64, 194))
    shape('#e6ebea', (p) => p.rect(118, 32, 64, 194))
    shape('#8b7a66', (p) => p.rect(462, 92, 144, 7))
    ;['#7f919c', '#9b8d7e', '#6d8271', '#7f919c', '#9b8d7e'].forEach((colour, index) => {
      shape(colour, (p) => p.rect(470 + index * 16, 52 + (index % 3) * 6, 12, 40 - (index % 3) * 6))
    })
    shape('#b3a794', (p) => p.roundRect(176, 214, 288, 200, 40))
    ellipse('#9aa1a6', 320, 66, 28, 28)
    ellipse('#a9b0b4', 320, 128, 66, 78)
    shape('#b58c72', (p) => p.rect(294, 178, 52, 60))
    ellipse('#d8b397', 320, 136, 48, 64)
    shape('#547489', (p) => {
      p.moveTo(150, 360)
      p.bezierCurveTo(160, 280, 220, 260, 288, 228)
      p.bezierCurveTo(300, 244, 340, 244, 352, 228)
      p.bezierCurveTo(420, 260, 480, 280, 490, 360)
    })
    shape('#e7e4dc', (p) => {
      p.moveTo(292, 230)
      p.lineTo(320, 300)
      p.lineTo(348, 230)
    })
    for (const eye of [302, 338]) ellipse('#4a3a33', eye, 132, 4, 4)
    shape('#9c6a55', (p) => p.ellipse(320, 168, 13, 4, 0, 0, Math.PI * 2))
  } else {
    shape('#d0dbe3', (p) => p.rect(420, 0, 220, 360))
    ellipse('#4a3a33', 320, 138, 78, 94)
    shape('#b98d70', (p) => p.rect(290, 196, 60, 60))
    ellipse('#cba383', 320, 148, 56, 72)
    shape('#f4f7f9', (p) => {
      p.moveTo(150, 360)
      p.bezierCurveTo(160, 290, 220, 264, 290, 244)
      p.lineTo(350, 244)
      p.bezierCurveTo(420, 264, 480, 290, 490, 360)
    })
    shape('#6f93a8', (p) => {
      p.moveTo(290, 244)
      p.lineTo(320, 310)
      p.lineTo(350, 244)
    })
    for (const eye of [300, 340]) ellipse('#3a2c26', eye, 144, 4, 4)
  }
  return toPlanes(context.getImageData(0, 0, WIDTH, HEIGHT).data)
}

/** One picture in the wire form. With a number it is stamped. */
export function wire(kind: 0 | 1, planes: Plane, seq: number, stamp: number | null) {
  const buffer = new ArrayBuffer(24 + WIDTH * HEIGHT * 1.5)
  const view = new DataView(buffer)
  view.setUint8(0, kind)
  view.setUint8(1, 1)
  view.setUint16(2, WIDTH, true)
  view.setUint16(4, HEIGHT, true)
  view.setUint32(16, seq, true)
  const bytes = new Uint8Array(buffer, 24)
  bytes.set(planes.y, 0)
  bytes.set(planes.u, WIDTH * HEIGHT)
  bytes.set(planes.v, WIDTH * HEIGHT * 1.25)
  if (stamp !== null) paintStamp(bytes, stamp)
  return buffer
}

function paintStamp(bytes: Uint8Array, number: number) {
  const side = cellOf(HEIGHT)
  const rows = [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255]
  rows.push(rows.reduce((sum, row) => sum ^ row, 0xa5))
  rows.forEach((bits, row) => {
    for (let column = 0; column < 8; column += 1)
      for (let y = 0; y < side; y += 1) {
        const start = (row * side + y) * WIDTH + column * side
        bytes.fill((bits >> (7 - column)) & 1 ? 235 : 16, start, start + side)
      }
  })
  for (const plane of [WIDTH * HEIGHT, WIDTH * HEIGHT * 1.25])
    for (let y = 0; y < (side * 5) / 2; y += 1)
      bytes.fill(128, plane + y * (WIDTH / 2), plane + y * (WIDTH / 2) + side * 4)
}

/** Plays both ends for as long as asked. `remote` says whether the patient's picture flows. */
export function play(
  onFrame: (frame: ArrayBuffer) => void,
  flows: () => { remote: boolean; own: boolean; stamped: boolean },
) {
  const patient = scene('patient')
  const doctor = scene('doctor')
  if (!patient || !doctor) return
  let seq = 0
  setInterval(() => {
    const { remote, own, stamped } = flows()
    seq += 1
    if (remote) onFrame(wire(0, patient, seq, stamped ? seq : null))
    if (own) onFrame(wire(1, doctor, seq, null))
  }, 80)
}

export const samplePicture = scene
