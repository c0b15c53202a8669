import type { PDFDocumentProxy } from 'pdfjs-dist'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Banner } from '../design'
import { drawPage, openPdf } from './pdf'
import './document.css'

/** All the pages of a PDF, one under the other, as wide as the place they have. */
export function PdfView({ bytes, onPages }: { bytes: ArrayBuffer; onPages?: (pages: number) => void }) {
  const { t } = useTranslation('document')
  const box = useRef<HTMLDivElement>(null)
  const [pdf, setPdf] = useState<PDFDocumentProxy | null>(null)
  const [failed, setFailed] = useState(false)
  const [width, setWidth] = useState(0)
  const tellPages = useRef(onPages)
  tellPages.current = onPages

  useEffect(() => {
    let gone = false
    let opened: PDFDocumentProxy | undefined
    openPdf(bytes).then(
      (document) => {
        opened = document
        if (gone) void document.destroy()
        else {
          setFailed(false)
          setPdf(document)
          tellPages.current?.(document.numPages)
        }
      },
      () => {
        if (!gone) setFailed(true)
      },
    )
    return () => {
      gone = true
      void opened?.destroy()
    }
  }, [bytes])

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => setWidth(Math.floor(element.clientWidth))
    measure()
    if (typeof ResizeObserver === 'undefined') return
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  return (
    <div className="pdf" ref={box} data-testid="pdf" data-pages={pdf?.numPages ?? 0}>
      {failed ? <Banner boxed tone="danger" title={t('failed')} /> : null}
      {pdf && width > 0
        ? Array.from({ length: pdf.numPages }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: pages of one document keep their order
            <PdfPage key={index} pdf={pdf} number={index + 1} width={width} />
          ))
        : null}
    </div>
  )
}

function PdfPage({ pdf, number, width }: { pdf: PDFDocumentProxy; number: number; width: number }) {
  const { t } = useTranslation('document')
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    // A new page is drawn aside, so that a refresh does not flash.
    const aside = document.createElement('canvas')
    let gone = false
    drawPage(pdf, number, aside, width).then(
      () => {
        if (gone) return
        element.width = aside.width
        element.height = aside.height
        element.getContext('2d')?.drawImage(aside, 0, 0)
        element.dataset.drawn = 'true'
      },
      () => {},
    )
    return () => {
      gone = true
    }
  }, [pdf, number, width])
  return <canvas ref={canvas} role="img" aria-label={t('pageImage', { n: number })} />
}
