import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog } from '../design'
import { day } from '../i18n/format'
import type { DocumentView } from '../ipc/generated/DocumentView'
import { useView } from '../ipc/query'
import { PdfView } from './PdfView'

/** One earlier document, drawn in the window: nothing is handed to another program. */
export function DocumentDialog({ document, onClose }: { document: DocumentView; onClose: () => void }) {
  const { t } = useTranslation(['document', 'frame'])
  return (
    <Dialog
      title={document.title}
      size="l"
      onClose={onClose}
      testId="document-dialog"
      footer={
        <>
          <span className="t-xs mut grow">{t('of', { author: document.author, date: day(document.date) })}</span>
          <Button kind="primary" onPress={onClose} autoFocus>
            {t('frame:close')}
          </Button>
        </>
      }
    >
      <DocumentContent document={document} />
    </Dialog>
  )
}

/** What a document says. Asking for it is what the register calls an opening. */
export function DocumentContent(props: { document: DocumentView; onRead?: () => void }) {
  const { t } = useTranslation('document')
  const kept = KEPT_ONLY[props.document.media_type]
  // Not even asked for: a file of 200 MB that nobody can look at here would only fill the memory.
  return kept ? <p data-testid="kept-only">{t(kept)}</p> : <Shown {...props} />
}

/** Sent and received, never shown. */
const KEPT_ONLY: Record<string, 'keptDicom' | 'keptEcg'> = {
  'application/dicom': 'keptDicom',
  'application/x-scp-ecg': 'keptEcg',
}

function Shown({ document, onRead }: { document: DocumentView; onRead?: () => void }) {
  const { t } = useTranslation('document')
  const content = useView('document_content', [{ document_id: document.id }])
  const tellRead = useRef(onRead)
  tellRead.current = onRead
  const read = content.data !== undefined
  useEffect(() => {
    if (read) tellRead.current?.()
  }, [read])
  return (
    <>
      {content.error ? <FailureBanner failure={content.error.failure} onRetry={() => content.refetch()} /> : null}
      {content.isPending ? <p role="status">{t('opening')}</p> : null}
      {content.data ? (
        document.media_type === 'application/pdf' ? (
          <PdfView bytes={content.data} />
        ) : (
          <p>{t('other')}</p>
        )
      ) : null}
    </>
  )
}
