import { useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button, Empty, GroupHead, moveBetweenRows, SkeletonRows } from '../design'
import type { BatchRowView } from '../ipc/generated/BatchRowView'
import { useView } from '../ipc/query'
import { BatchDialog } from './BatchDialog'
import { BatchPage } from './BatchPage'
import { BatchRow } from './BatchRow'

/** Rows drawn at once; the rest is counted and one press away. */
const SHOWN = 100

const versionOf = ({ televisit_id, revision }: BatchRowView) => `${televisit_id}@${revision}`

/** The list on one side, the page that will be signed on the other. Nothing is signed that was not read. */
export function ToSign({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation('batch')
  const { route, go } = useRoute()
  const client = useQueryClient()
  const list = useView('batch_list', [])
  const station = useView('station_state', [])
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set())
  const [shown, setShown] = useState(SHOWN)
  const [signing, setSigning] = useState<BatchRowView[] | null>(null)
  const rows = list.data?.rows ?? []
  const ready = rows.filter(({ obstacle }) => obstacle === null)
  const blocked = rows.filter(({ obstacle }) => obstacle !== null)
  const chosen = ready.filter(({ televisit_id }) => !left.has(televisit_id))
  const isRead = (row: BatchRowView) => row.read || seen.has(versionOf(row))
  const read = chosen.filter(isRead)
  const unread = chosen.length - read.length
  const open = rows.find(({ televisit_id }) => televisit_id === route.id)

  const show = (row: BatchRowView) => go({ place: 'today', view: 'batch', id: row.televisit_id })
  const toggle = ({ televisit_id }: BatchRowView) => {
    const next = new Set(left)
    if (!next.delete(televisit_id)) next.add(televisit_id)
    setLeft(next)
  }
  const chooseAll = () =>
    setLeft(chosen.length === ready.length ? new Set(ready.map(({ televisit_id }) => televisit_id)) : new Set())
  const readNext = () => {
    const from = open ? ready.indexOf(open) + 1 : 0
    const waits = (row: BatchRowView) => !isRead(row) && !left.has(row.televisit_id) && row !== open
    const next = ready.slice(from).find(waits) ?? ready.find(waits)
    if (!next) return
    const place = ready.indexOf(next)
    if (place >= shown) setShown(place + SHOWN)
    show(next)
  }
  const goOn = () => {
    if (unread > 0) readNext()
    else if (chosen.length > 0) setSigning(chosen)
  }
  const back = () => {
    if (route.id && !window.matchMedia?.('(min-width: 1200px)').matches) go({ place: 'today', view: 'batch' })
    else onLeave()
  }
  useShortcuts({ 'Ctrl+Enter': goOn, 'Alt+S': chooseAll, Escape: back })

  // The open one stays in sight, wherever the button of the next has led.
  const rowsOf = useRef<HTMLUListElement>(null)
  const shownId = open?.televisit_id
  useEffect(() => {
    const row = [...(rowsOf.current?.querySelectorAll('[data-row-of]') ?? [])].find(
      (each) => each.getAttribute('data-row-of') === shownId,
    )
    row?.parentElement?.scrollIntoView?.({ block: 'nearest' })
  }, [shownId])

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const row = (event.target as HTMLElement).closest('[data-row]')
    if (event.key === ' ' && row) {
      const of = ready.find(({ televisit_id }) => televisit_id === row.getAttribute('data-row-of'))
      event.preventDefault()
      if (of) toggle(of)
      return
    }
    moveBetweenRows(event)
    // Beside its list, the page follows the arrows: a whole day is read by one key.
    if (event.defaultPrevented && window.matchMedia?.('(min-width: 1200px)').matches)
      (document.activeElement as HTMLElement | null)?.click()
  }

  const drawn = (row: BatchRowView) => (
    <BatchRow
      key={row.televisit_id}
      row={row}
      selected={row === open}
      read={isRead(row)}
      chosen={!left.has(row.televisit_id)}
      onOpen={() => show(row)}
      onChoose={() => toggle(row)}
    />
  )

  return (
    <div className={`split${open ? ' has-detail' : ''}`} data-testid="batch">
      <section className="pane list" aria-label={t('title')} data-pane="list">
        <div className="pane-head">
          <h1 className="grow">{t('title')}</h1>
          <Button kind="quiet" small icon="chevron-left" testId="batch-back" onPress={onLeave}>
            {t('back')}
          </Button>
        </div>
        {ready.length > 0 ? (
          <div className="batch-choice">
            <span className="grow t-xs mut" role="status" data-testid="batch-chosen">
              {t('chosen', { count: chosen.length, total: ready.length })}
            </span>
            <Button small kind="quiet" testId="batch-all" onPress={chooseAll}>
              {t(chosen.length === ready.length ? 'chooseNone' : 'chooseAll')}
            </Button>
          </div>
        ) : null}
        {station.data && !station.data.link.online ? <p className="batch-note t-xs">{t('offline')}</p> : null}
        {list.error ? (
          <div className="pad">
            <FailureBanner failure={list.error.failure} onRetry={() => list.refetch()} />
          </div>
        ) : null}
        {list.isPending ? <SkeletonRows /> : null}
        {list.data && rows.length === 0 ? (
          <Empty icon="file-signed" title={t('emptyTitle')} testId="batch-empty">
            {t('emptyText')}
          </Empty>
        ) : null}
        {rows.length > 0 ? (
          <ul className="scroll" ref={rowsOf} onKeyDown={onKeyDown}>
            {ready.length > 0 ? <GroupHead count={ready.length}>{t('groupReady')}</GroupHead> : null}
            {ready.slice(0, shown).map(drawn)}
            {ready.length > shown ? (
              <li className="pad">
                <Button block testId="batch-more" onPress={() => setShown(shown + SHOWN)}>
                  {t('more', { count: Math.min(SHOWN, ready.length - shown) })}
                </Button>
              </li>
            ) : null}
            {blocked.length > 0 ? <GroupHead count={blocked.length}>{t('groupBlocked')}</GroupHead> : null}
            {blocked.slice(0, shown).map(drawn)}
            {blocked.length > shown ? (
              <li className="pad">
                <Button block onPress={() => setShown(shown + SHOWN)}>
                  {t('more', { count: Math.min(SHOWN, blocked.length - shown) })}
                </Button>
              </li>
            ) : null}
          </ul>
        ) : null}
        {ready.length > 0 ? <div className="foot batch-foot">{acts('list')}</div> : null}
      </section>
      <section className="pane detail" data-pane="detail">
        {open ? (
          <BatchPage
            key={versionOf(open)}
            row={open}
            read={isRead(open)}
            onRead={() => setSeen((before) => new Set(before).add(versionOf(open)))}
            onChanged={() => client.invalidateQueries({ queryKey: ['report', 'batch_list'] })}
            onBack={() => go({ place: 'today', view: 'batch' })}
            acts={<span className="narrow-only batch-acts">{acts('page')}</span>}
          />
        ) : (
          <Empty icon="file-signed" title={t('pick')}>
            {t('pickText')}
          </Empty>
        )}
      </section>
      {signing ? <BatchDialog rows={signing} onClose={() => setSigning(null)} /> : null}
    </div>
  )

  function acts(where: 'list' | 'page') {
    const id = (name: string) => (where === 'list' ? name : `${name}-${where}`)
    return (
      <>
        {unread > 0 && read.length > 0 ? (
          <Button testId={id('batch-sign-read')} onPress={() => setSigning(read)}>
            {t('signRead', { count: read.length })}
          </Button>
        ) : (
          <span className="grow t-xs mut">
            {chosen.length === 0 ? t('noneChosen') : unread === 0 ? t('allRead') : ''}
          </span>
        )}
        <Button
          kind="primary"
          icon={unread > 0 ? 'chevron-right' : 'pencil'}
          disabled={chosen.length === 0}
          testId={id('batch-go-on')}
          onPress={goOn}
        >
          {unread > 0 ? t('nextUnread', { count: unread }) : t('sign', { count: chosen.length })}
        </Button>
      </>
    )
  }
}
