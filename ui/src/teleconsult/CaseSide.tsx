import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useRole } from '../app/role'
import { Icon, type IconName } from '../design'
import { DocumentDialog } from '../document/DocumentDialog'
import { briefSpan, bytes, shortWhen } from '../i18n/format'
import type { AttachmentView } from '../ipc/generated/AttachmentView'
import type { DocumentView } from '../ipc/generated/DocumentView'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { dueOf } from './due'
import { PictureDialog } from './PictureDialog'

/** Pictures that every window draws; DICOM has no viewer here. */
const SHOWN = /^image\/(png|jpeg|webp|gif)$/

export const iconOf = (file: Pick<AttachmentView, 'media_type'>): IconName =>
  file.media_type.startsWith('image/') ? 'file-image' : 'file'

export function CaseSide({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation(['teleconsult', 'patient'])
  const role = useRole()
  const { representative } = view
  return (
    <aside className="case-side" data-pane="side" aria-label={t('attachments')}>
      <AnswerTime view={view} />
      <Files view={view} />
      <section>
        <h3>{t('people')}</h3>
        <ul className="side-lines">
          <li>
            <span className="grow cut">{view.owner ?? t('unassigned')}</span>
            {view.owner ? (
              <span className="t-xs mut nw">
                {t(role === 'specialist' && view.can_answer ? 'assignedYou' : 'assigned')}
              </span>
            ) : null}
          </li>
          <li>
            <span className="grow cut">{view.requester}</span>
            <span className="t-xs mut nw">{t('requester')}</span>
          </li>
        </ul>
      </section>
      {view.obscured ? (
        <section data-testid="obscured">
          <h3>{t('obscured')}</h3>
          <p className="t-xs mut">{t('obscuredText')}</p>
        </section>
      ) : null}
      {representative ? (
        <section data-testid="represented-by">
          <h3>{t('representative')}</h3>
          <p>
            {t('representedBy', {
              name: `${representative.family.toLocaleUpperCase('it')} ${representative.given}`,
              title: t(`patient:${representative.title}`),
            })}
          </p>
          <p className="t-xs mut">
            {t('documentSeen', { document: representative.document })}
            {representative.both_parents ? `. ${t('bothParents')}` : ''}
            {representative.minor_opinion ? `. ${t('opinion', { words: representative.minor_opinion })}` : ''}
          </p>
        </section>
      ) : null}
    </aside>
  )
}

function AnswerTime({ view: { row, clock } }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const due = dueOf(row, t)
  const gone = clock && clock.limit_s > 0 ? Math.min(1, clock.used_s / clock.limit_s) : 0
  const used = clock
    ? [
        t('timeUsed', { used: briefSpan(clock.used_s * 1000), limit: briefSpan(clock.limit_s * 1000) }),
        clock.paused_s > 0 ? t('timePaused', { paused: briefSpan(clock.paused_s * 1000) }) : '',
      ]
        .filter(Boolean)
        .join(' ')
    : ''
  return (
    <section data-testid="answer-time">
      <div className="line">
        <h3 className="grow">{t('timeTitle')}</h3>
        {due ? <b className={due.tone === 'plain' ? 'mut' : `c-${due.tone}`}>{due.words}</b> : null}
      </div>
      {row.due ? (
        <svg
          className={`answer-clock is-${due?.tone ?? 'plain'}`}
          viewBox="0 0 100 4"
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <rect className="is-whole" width="100" height="4" />
          <rect className="is-gone" width={gone * 100} height="4" />
        </svg>
      ) : null}
      <p className="t-xs mut">
        {row.state === 'needs_information'
          ? t('timeStopped')
          : row.due
            ? [used, t('timeText', { asked: shortWhen(row.asked_at), due: shortWhen(row.due) })]
                .filter(Boolean)
                .join(' ')
            : t(row.state === 'queued' ? 'timeNotYet' : 'timeDone')}
      </p>
    </section>
  )
}

function Files({ view }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const [open, setOpen] = useState<AttachmentView | null>(null)
  const { attachments } = view
  const size = attachments.reduce((sum, file) => sum + file.size, 0)
  return (
    <section data-testid="case-attachments">
      <h3>
        {t('attachments')}{' '}
        {attachments.length > 0 ? (
          <span className="case-side-n">{t('attachmentsSum', { count: attachments.length, size: bytes(size) })}</span>
        ) : null}
      </h3>
      {attachments.length === 0 ? (
        <p className="t-xs mut">{t('noAttachments')}</p>
      ) : (
        <>
          <ul className="side-lines">
            {attachments.map((file) => (
              <li key={file.id}>
                <button
                  type="button"
                  className="side-line"
                  data-testid={`attachment-${file.id}`}
                  onClick={() => setOpen(file)}
                >
                  <Icon name={iconOf(file)} />
                  <span className="grow cut">{file.name}</span>
                  <span className="t-xs mut nw">{file.on_this_pc ? bytes(file.size) : t('needsNetwork')}</span>
                </button>
              </li>
            ))}
          </ul>
          <p className="t-xs mut">
            {t(attachments.every(({ on_this_pc }) => on_this_pc) ? 'attachmentsHint' : 'attachmentsPart')}
          </p>
        </>
      )}
      {open && SHOWN.test(open.media_type) ? (
        <PictureDialog file={open} onClose={() => setOpen(null)} />
      ) : open ? (
        <DocumentDialog document={asDocument(open, view)} onClose={() => setOpen(null)} />
      ) : null}
    </section>
  )
}

const asDocument = (file: AttachmentView, { row, requester }: TeleconsultView): DocumentView => ({
  id: file.id,
  patient_id: row.patient.id,
  title: file.name,
  date: row.asked_at,
  author: requester,
  media_type: file.media_type,
  size: file.size,
  on_this_pc: file.on_this_pc,
})
