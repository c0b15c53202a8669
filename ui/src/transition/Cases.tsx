import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMinute } from '../agenda/AgendaRow'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button, Empty, Icon, Segments, SkeletonCards } from '../design'
import { clock } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TransitionBoardView } from '../ipc/generated/TransitionBoardView'
import type { TransitionCardView } from '../ipc/generated/TransitionCardView'
import type { TransitionFilterRequest } from '../ipc/generated/TransitionFilterRequest'
import { useView } from '../ipc/query'
import { BoardSide } from './BoardSide'
import { type Age, COLUMNS, type Filter, takes } from './board'
import { CaseCard } from './CaseCard'
import { CaseDetail } from './CaseDetail'
import { Escalations } from './Escalations'
import { NewReferralDialog } from './NewReferralDialog'
import { OfferDialog } from './OfferDialog'
import { useShowTransition } from './update'
import './transition.css'

const FIRST = 40
const FILTERS: Filter[] = ['all', 'mine', 'free', 'late']
const AGES: Age[] = ['any', '1', '3', '7']

/** *Casi*: the board of the COT, and within it the open case. */
export function Cases() {
  const { route, go } = useRoute()
  if (route.id && route.view !== 'new')
    return <CaseDetail key={route.id} transitionId={route.id} onBack={() => go({ place: 'cases' })} />
  return <Board startWith={route.view === 'new' ? route.id : undefined} />
}

function Board({ startWith }: { startWith: string | undefined }) {
  const { t } = useTranslation('transition')
  const { go } = useRoute()
  const board = useView('transition_board', [])
  const [filter, setFilter] = useState<Filter>('all')
  const [age, setAge] = useState<Age>('any')
  const [text, setText] = useState('')
  const [limit, setLimit] = useState(FIRST)
  const request: TransitionFilterRequest = {
    owner: filter,
    older_than_days: age === 'any' ? null : Number(age),
    text: useDeferredValue(text.trim()),
    limit,
  }
  const whole = filter === 'all' && age === 'any' && request.text === '' && limit === FIRST
  const filtered = useView('transition_filter', [request], { enabled: !whole })
  const [dialog, setDialog] = useState<'new' | 'end' | null>(startWith ? 'new' : null)
  const show = useShowTransition()
  const claim = useAction()
  useMinute()
  useShortcuts({ 'Alt+N': () => setDialog('new'), 'Alt+M': () => setFilter(filter === 'mine' ? 'all' : 'mine') })
  const cards = board.data?.cards ?? []
  const counts = board.data?.counts
  // Until the core has answered, what is on screen already is filtered here, so that nothing flickers.
  const shown: TransitionBoardView | undefined = whole
    ? board.data
    : (filtered.data ??
      (board.data && { ...board.data, cards: cards.filter((card) => takes(card, filter)), columns: [] }))
  const clear = () => {
    setFilter('all')
    setAge('any')
    setText('')
    setLimit(FIRST)
  }
  const mine = cards.filter((card) => card.mine && card.handed_to === null)
  const onClaim = (card: TransitionCardView) =>
    claim.run(() => call('transition_claim', { transition_id: card.id }), show)

  return (
    <div className="board" data-testid="board">
      <div className="board-head">
        <h1 className="nw">
          {t('title')}{' '}
          {board.data ? <span className="mut board-count">{t('open', { count: board.data.counts.all })}</span> : null}
        </h1>
        <Segments<Filter>
          label={t('filter')}
          value={filter}
          onChange={setFilter}
          testId="case-filter"
          options={FILTERS.map((value) => ({ value, label: t(value), count: counts?.[value] }))}
        />
        <select
          className="ps-input ps-select board-age"
          aria-label={t('age')}
          value={age}
          data-testid="case-age"
          onChange={(event) => setAge(event.target.value as Age)}
        >
          {AGES.map((value) => (
            <option key={value} value={value}>
              {t(`ages.${value}`)}
            </option>
          ))}
        </select>
        <label className="board-find">
          <Icon name="search" size="s" />
          <input
            type="search"
            className="ps-input"
            aria-label={t('find')}
            placeholder={t('findPlaceholder')}
            value={text}
            autoComplete="off"
            spellCheck={false}
            data-testid="case-search"
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <span className="grow" />
        <Button icon="handover" testId="end-of-shift" disabled={mine.length === 0} onPress={() => setDialog('end')}>
          {t('endOfShift')}
        </Button>
        <Button kind="primary" icon="plus" testId="new-referral" onPress={() => setDialog('new')}>
          {t('newReferral')}
        </Button>
      </div>
      {claim.failure ? (
        <div className="pad">
          <FailureBanner failure={claim.failure} />
        </div>
      ) : null}
      {board.error ? (
        <div className="pad">
          <FailureBanner failure={board.error.failure} onRetry={() => board.refetch()} />
        </div>
      ) : null}
      {board.isPending ? <SkeletonCards /> : null}
      {board.data ? <Escalations list={board.data.escalations} /> : null}
      {board.data && shown ? (
        <div className="board-body">
          <Columns
            board={shown}
            none={board.data.counts.all === 0}
            onClaim={onClaim}
            onNew={() => setDialog('new')}
            onMore={() => setLimit((before) => before + 2 * FIRST)}
            onClear={whole ? undefined : clear}
          />
          <BoardSide board={board.data} />
        </div>
      ) : null}
      {dialog === 'new' ? (
        <NewReferralDialog
          patientId={startWith}
          onClose={() => {
            setDialog(null)
            if (startWith) go({ place: 'cases' })
          }}
          onDone={(view) => {
            show(view)
            go({ place: 'cases', id: view.card.id })
          }}
        />
      ) : null}
      {dialog === 'end' && board.data ? (
        <OfferDialog cards={mine} colleagues={board.data.colleagues} end onClose={() => setDialog(null)} />
      ) : null}
    </div>
  )
}

type ColumnsProps = {
  board: TransitionBoardView
  none: boolean
  onClaim: (card: TransitionCardView) => unknown
  onNew: () => void
  onMore: () => void
  onClear: (() => void) | undefined
}

function Columns({ board, none, onClaim, onNew, onMore, onClear }: ColumnsProps) {
  const { t } = useTranslation('transition')
  const { cards } = board
  if (!none && cards.length === 0 && onClear)
    return (
      <Empty
        icon="search"
        testId="board-none-found"
        title={t('noneFound')}
        actions={
          <Button testId="case-clear" onPress={onClear}>
            {t('clear')}
          </Button>
        }
      >
        {t('noneFoundText')}
      </Empty>
    )
  if (none)
    return (
      <Empty
        icon="cases"
        testId="board-empty"
        title={t('emptyTitle')}
        actions={
          <Button kind="primary" icon="plus" onPress={onNew}>
            {t('newReferral')}
          </Button>
        }
      >
        {t('emptyText')}
      </Empty>
    )
  return (
    <div className="board-columns scroll" data-pane="board">
      {COLUMNS.map((column) => {
        const inside = cards.filter(({ state }) => state === column)
        const known = board.columns.find(({ state }) => state === column)
        return (
          <section
            key={column}
            className="board-column"
            aria-label={t(`columns.${column}`)}
            data-testid={`column-${column}`}
          >
            <h2 className="board-column-head">
              <span className="grow">{t(`columns.${column}`)}</span>
              <span className="mut">
                {known?.total ?? (known?.more ? t('partial', { count: inside.length }) : inside.length)}
              </span>
            </h2>
            {inside.length === 0 ? (
              <p className="t-xs mut board-none">{t('noCards')}</p>
            ) : (
              <ul>
                {inside.map((card) => (
                  <CaseCard key={card.id} card={card} onClaim={() => onClaim(card)} />
                ))}
              </ul>
            )}
            {known?.more ? (
              <Button kind="quiet" small testId={`more-${column}`} onPress={onMore}>
                {t('showMore')}
              </Button>
            ) : null}
          </section>
        )
      })}
      {board.as_of ? <p className="t-xs mut board-asof">{t('asOf', { at: clock(board.as_of) })}</p> : null}
    </div>
  )
}
