import { useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useGrowing } from '../app/growing'
import { useRole } from '../app/role'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Badge, Button, Empty, Icon, IdentityBar, SearchField, SearchList, SearchRow, SkeletonRows } from '../design'
import { day, dayYear, personName } from '../i18n/format'
import type { RecentDocumentView } from '../ipc/generated/RecentDocumentView'
import { useView } from '../ipc/query'
import { DocumentContent } from './DocumentDialog'
import './recent.css'

/** *Documenti*: what this PC knows of its patients' documents, newest first, found as one types. */
export function Documents() {
  const { t } = useTranslation('document')
  const role = useRole()
  if (role === 'cot_operator')
    return (
      <section className="pane" data-pane="list">
        <div className="pane-head">
          <h1>{t('title')}</h1>
        </div>
        <Empty icon="file" title={t('cotTitle')} testId="documents-closed">
          {t('cotText')}
        </Empty>
      </section>
    )
  return role ? <Recent /> : null
}

function Recent() {
  const { t } = useTranslation('document')
  const { route, go } = useRoute()
  const [text, setText] = useState('')
  const asked = useDeferredValue(text.trim())
  const { shown, more } = useGrowing(asked)
  const found = useView('document_recent', [{ text: asked, limit: shown }])
  const station = useView('station_state', [])
  const [before, setBefore] = useState(found.data)
  // The list of the letter before stays until the next one answers, so that nothing flickers.
  if (found.data && found.data !== before) setBefore(found.data)
  const list = found.data ?? before
  const listed = list?.documents.find(({ document }) => document.id === route.id)
  // What is being read stays when the search no longer finds it.
  const [chosen, setChosen] = useState(listed)
  if (listed && listed !== chosen) setChosen(listed)
  const open = listed ?? (chosen?.document.id === route.id ? chosen : undefined)
  const hidden = list ? list.total - list.documents.length : 0
  const choose = ({ document }: RecentDocumentView) => go({ place: 'documents', id: document.id })

  return (
    <div className={`split${open ? ' has-detail' : ''}`}>
      <section className="pane list" aria-label={t('title')} data-pane="list" data-testid="recent-documents">
        <div className="pane-head">
          <h1 className="grow">{t('title')}</h1>
        </div>
        <SearchField
          label={t('search')}
          placeholder={t('searchPlaceholder')}
          value={text}
          onChange={setText}
          autoFocus={!route.id}
          testId="document"
          onFirst={() => {
            const first = list?.documents[0]
            if (first) choose(first)
          }}
          count={
            list
              ? hidden > 0
                ? t('count', { shown: list.documents.length, total: list.total })
                : t('found', { count: list.total })
              : null
          }
        />
        {station.data && !station.data.link.online ? (
          <p className="document-note t-xs c-warn" role="status" data-testid="documents-offline">
            {t('offline')}
          </p>
        ) : null}
        {found.error ? (
          <div className="pad">
            <FailureBanner failure={found.error.failure} onRetry={() => found.refetch()} />
          </div>
        ) : null}
        {found.isPending && !list ? <SkeletonRows /> : null}
        {list ? (
          list.documents.length === 0 ? (
            <Empty
              icon="file"
              testId="documents-empty"
              title={t(asked === '' ? 'emptyTitle' : 'noneTitle')}
              actions={asked === '' ? null : <Button onPress={() => setText('')}>{t('clear')}</Button>}
            >
              {t(asked === '' ? 'emptyText' : 'noneText')}
            </Empty>
          ) : (
            <SearchList
              hidden={hidden}
              onMore={() => more(list.documents.length)}
              more={t('more', { count: hidden })}
              testId="documents-more"
            >
              {list.documents.map((row) => (
                <DocumentRow
                  key={row.document.id}
                  row={row}
                  selected={route.id === row.document.id}
                  onOpen={() => choose(row)}
                />
              ))}
            </SearchList>
          )
        ) : null}
      </section>
      <section className="pane detail" data-pane="detail">
        {open ? (
          <Detail key={open.document.id} row={open} onBack={() => go({ place: 'documents' })} />
        ) : (
          <Empty icon="file" title={t('choose')}>
            {t('chooseText')}
          </Empty>
        )}
      </section>
    </div>
  )
}

type RowProps = { row: RecentDocumentView; selected: boolean; onOpen: () => void }

function DocumentRow({ row: { document, patient }, selected, onOpen }: RowProps) {
  const { t } = useTranslation('document')
  return (
    <SearchRow tall selected={selected} onOpen={onOpen} testId={`document-${document.id}`} here={document.on_this_pc}>
      <span className="line">
        <b className="cut grow">{personName(patient)}</b>
        <span className="t-xs mut nw">{dayYear(document.date)}</span>
      </span>
      <span className="cut">{document.title}</span>
      <span className="line t-xs">
        <span className="mut cut grow">{document.author}</span>
        {document.on_this_pc ? (
          <span className="c-ok nw line tight">
            <Icon name="check" size="s" />
            {t('here')}
          </span>
        ) : (
          <span className="c-warn nw">{t('notHere')}</span>
        )}
      </span>
    </SearchRow>
  )
}

function Detail({ row: { document, patient }, onBack }: { row: RecentDocumentView; onBack: () => void }) {
  const { t } = useTranslation(['document', 'frame', 'patient'])
  const { go } = useRoute()
  const client = useQueryClient()
  useShortcuts({ Escape: onBack })
  return (
    <>
      <IdentityBar
        patient={patient}
        badges={
          patient.minor || patient.represented ? (
            <Badge tone="info" icon="user">
              {t(patient.minor ? 'patient:minor' : 'patient:represented')}
            </Badge>
          ) : null
        }
        back={
          <span className="narrow-only">
            <Button kind="quiet" small icon="chevron-left" testId="back" onPress={onBack}>
              {t('frame:back')}
            </Button>
          </span>
        }
      />
      <div className="document-head">
        <div className="grow">
          <h2 className="t-md">{document.title}</h2>
          <p className="t-xs mut">{t('of', { author: document.author, date: day(document.date) })}</p>
        </div>
        <Button small testId="document-record" onPress={() => go({ place: 'patients', id: patient.id })}>
          {t('openRecord')}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll pad" tabIndex={0} aria-label={t('content')} data-testid="document-detail">
        <DocumentContent
          document={document}
          onRead={() => {
            // Read once, it stays on this PC: the list says so.
            if (!document.on_this_pc) void client.invalidateQueries({ queryKey: ['document', 'document_recent'] })
          }}
        />
      </section>
    </>
  )
}
