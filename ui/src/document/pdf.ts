/**
 * PDF drawn by pdf.js into canvases of this window. The legacy build is used because the system webview of Linux lacks
 * some of what the modern one expects. Scripts of a document never run and no code is made from text.
 */

import type { PDFDocumentProxy } from 'pdfjs-dist'
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'

export async function openPdf(bytes: ArrayBuffer): Promise<PDFDocumentProxy> {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs')
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl
  return pdfjs.getDocument({
    // The worker takes the buffer away; the cached answer must stay whole.
    data: new Uint8Array(bytes.slice(0)),
    isEvalSupported: false,
    enableXfa: false,
    stopAtErrors: false,
    useSystemFonts: false,
  }).promise
}

export async function drawPage(pdf: PDFDocumentProxy, number: number, canvas: HTMLCanvasElement, width: number) {
  const page = await pdf.getPage(number)
  const natural = page.getViewport({ scale: 1 })
  const density = Math.min(3, window.devicePixelRatio || 1)
  const viewport = page.getViewport({ scale: (width / natural.width) * density })
  canvas.width = Math.floor(viewport.width)
  canvas.height = Math.floor(viewport.height)
  const context = canvas.getContext('2d')
  if (!context) return
  await page.render({ canvasContext: context, viewport }).promise
}
