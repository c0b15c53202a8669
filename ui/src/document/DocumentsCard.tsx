import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card, Icon } from '../design'
import { dayMonth, dayYear } from '../i18n/format'
import type { DocumentView } from '../ipc/generated/DocumentView'
import { DocumentDialog } from './DocumentDialog'
import './document.css'

type Props = { patientId: string; documents: DocumentView[] }

/** Only documents of the patient on screen are ever listed: any other is left out here too. */
export function DocumentsCard({ patientId, documents }: Props) {
  const { t } = useTranslation('document')
  const mine = documents.filter((document) => document.patient_id === patientId)
  return (
    <Card title={t('earlier')} end={mine.length} testId="documents">
      {mine.length === 0 ? (
        <p className="mut ps-card-body">{t('none')}</p>
      ) : (
        <DocumentList patientId={patientId} documents={mine} />
      )}
    </Card>
  )
}

export function DocumentList({ documents, short }: Props & { short?: boolean }) {
  const { t } = useTranslation('document')
  const [open, setOpen] = useState<DocumentView | null>(null)
  return (
    <>
      <ul className={`documents${short ? ' is-short' : ''}`}>
        {documents.map((document) => (
          <li key={document.id}>
            <button type="button" data-testid={`document-${document.id}`} onClick={() => setOpen(document)}>
              <Icon name="file" />
              <span className="grow cut">{document.title}</span>
              {document.on_this_pc ? null : <span className="t-xs c-warn nw">{t('notHere')}</span>}
              <span className="t-xs mut nw">{short ? dayMonth(document.date) : dayYear(document.date)}</span>
            </button>
          </li>
        ))}
      </ul>
      {open ? <DocumentDialog document={open} onClose={() => setOpen(null)} /> : null}
    </>
  )
}
