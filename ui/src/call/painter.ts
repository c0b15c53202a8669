/**
 * Draws I420 pictures into a canvas of their own size: by WebGL, which turns them into colours in the graphics card, or
 * by arithmetic where there is none. BT.601, limited range. Nothing is kept of a picture once it is drawn.
 */
import type { Picture } from './wire'

export interface Painter {
  draw(picture: Picture): void
  /** The top left corner as it was drawn, RGBA by rows from the top; right after `draw`. */
  corner(width: number, height: number): Uint8Array | Uint8ClampedArray
  clear(): void
}

const VERTEX = `
attribute vec2 corner;
varying vec2 at;
void main() {
  at = vec2(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5);
  gl_Position = vec4(corner, 0.0, 1.0);
}`

const FRAGMENT = `
precision mediump float;
varying vec2 at;
uniform sampler2D planeY;
uniform sampler2D planeU;
uniform sampler2D planeV;
void main() {
  float y = 1.164383 * (texture2D(planeY, at).r - 0.062745);
  float u = texture2D(planeU, at).r - 0.501961;
  float v = texture2D(planeV, at).r - 0.501961;
  gl_FragColor = vec4(y + 1.596027 * v, y - 0.391762 * u - 0.812968 * v, y + 2.017232 * u, 1.0);
}`

export function painterFor(canvas: HTMLCanvasElement): Painter | null {
  const gl = canvas.getContext('webgl', { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true })
  const accelerated = gl ? webglPainter(canvas, gl) : null
  if (accelerated) return accelerated
  const context = gl ? null : canvas.getContext('2d', { alpha: false, willReadFrequently: true })
  return context ? plainPainter(canvas, context) : null
}

function compile(gl: WebGLRenderingContext, kind: number, source: string) {
  const shader = gl.createShader(kind)
  if (!shader) return null
  gl.shaderSource(shader, source)
  gl.compileShader(shader)
  return gl.getShaderParameter(shader, gl.COMPILE_STATUS) ? shader : null
}

function webglPainter(canvas: HTMLCanvasElement, gl: WebGLRenderingContext): Painter | null {
  const vertex = compile(gl, gl.VERTEX_SHADER, VERTEX)
  const fragment = compile(gl, gl.FRAGMENT_SHADER, FRAGMENT)
  const program = gl.createProgram()
  if (!vertex || !fragment || !program) return null
  gl.attachShader(program, vertex)
  gl.attachShader(program, fragment)
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null
  // biome-ignore lint/correctness/useHookAtTopLevel: a call of WebGL, not a hook
  gl.useProgram(program)
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer())
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW)
  const corner = gl.getAttribLocation(program, 'corner')
  gl.enableVertexAttribArray(corner)
  gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0)
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
  const planes = ['planeY', 'planeU', 'planeV'].map((name, unit) => {
    const texture = gl.createTexture()
    gl.activeTexture(gl.TEXTURE0 + unit)
    gl.bindTexture(gl.TEXTURE_2D, texture)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
    gl.uniform1i(gl.getUniformLocation(program, name), unit)
    return texture
  })
  const upload = (unit: number, width: number, height: number, data: Uint8Array) => {
    gl.activeTexture(gl.TEXTURE0 + unit)
    gl.bindTexture(gl.TEXTURE_2D, planes[unit] ?? null)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.LUMINANCE, width, height, 0, gl.LUMINANCE, gl.UNSIGNED_BYTE, data)
  }
  return {
    draw({ width, height, y, u, v }) {
      if (gl.isContextLost()) return
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width
        canvas.height = height
        gl.viewport(0, 0, width, height)
      }
      upload(0, width, height, y)
      upload(1, (width + 1) >> 1, (height + 1) >> 1, u)
      upload(2, (width + 1) >> 1, (height + 1) >> 1, v)
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4)
    },
    corner(width, height) {
      const upsideDown = new Uint8Array(width * height * 4)
      gl.readPixels(0, canvas.height - height, width, height, gl.RGBA, gl.UNSIGNED_BYTE, upsideDown)
      const rows = new Uint8Array(upsideDown.length)
      for (let row = 0; row < height; row += 1)
        rows.set(upsideDown.subarray((height - 1 - row) * width * 4, (height - row) * width * 4), row * width * 4)
      return rows
    },
    clear() {
      gl.clearColor(0.063, 0.11, 0.161, 1)
      gl.clear(gl.COLOR_BUFFER_BIT)
    },
  }
}

/** I420 to RGBA, for where there is no WebGL. */
export function toRgba({ width, height, y, u, v }: Picture, out: Uint8ClampedArray) {
  const chromaWidth = (width + 1) >> 1
  for (let row = 0; row < height; row += 1) {
    const chromaRow = (row >> 1) * chromaWidth
    for (let column = 0; column < width; column += 1) {
      const luma = 1.164383 * ((y[row * width + column] ?? 16) - 16)
      const cb = (u[chromaRow + (column >> 1)] ?? 128) - 128
      const cr = (v[chromaRow + (column >> 1)] ?? 128) - 128
      const at = (row * width + column) * 4
      out[at] = luma + 1.596027 * cr
      out[at + 1] = luma - 0.391762 * cb - 0.812968 * cr
      out[at + 2] = luma + 2.017232 * cb
      out[at + 3] = 255
    }
  }
}

function plainPainter(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): Painter {
  let image: ImageData | null = null
  return {
    draw(picture) {
      if (canvas.width !== picture.width || canvas.height !== picture.height || !image) {
        canvas.width = picture.width
        canvas.height = picture.height
        image = context.createImageData(picture.width, picture.height)
      }
      toRgba(picture, image.data)
      context.putImageData(image, 0, 0)
    },
    corner: (width, height) => context.getImageData(0, 0, width, height).data,
    clear() {
      context.fillStyle = '#101c29'
      context.fillRect(0, 0, canvas.width, canvas.height)
    },
  }
}
