import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Dialog, Icon } from '../design'
import { clock, isoDay, when } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { ShiftItemView } from '../ipc/generated/ShiftItemView'
import type { ShiftView } from '../ipc/generated/ShiftView'
import { keyOf, useView } from '../ipc/query'

/** *Prima del turno*: fetches at once, and says what is here, counted. */
export function ShiftDialog({ online, onClose }: { online: boolean; onClose: () => void }) {
  const { t } = useTranslation('session')
  const client = useQueryClient()
  const state = useView('shift_state', [])
  const { run, failure, busy } = useAction()
  const begun = useRef(false)
  const prepare = () =>
    run(
      () => call('shift_prepare'),
      (view: ShiftView) => client.setQueryData(keyOf('shift_state'), view),
    )
  // One click is enough: the dialog opens fetching.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(() => {
    if (begun.current || !online) return
    begun.current = true
    void prepare()
  }, [])
  const view = state.data
  const over = view?.until && Date.parse(view.until) <= Date.now() ? view.until : null
  return (
    <Dialog
      title={t('shift')}
      size="s"
      onClose={onClose}
      testId="shift-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('shiftClose')}</Button>
          <Button kind="primary" busy={busy} disabled={!online} testId="shift-again" onPress={prepare}>
            {t(view?.prepared_at ? 'shiftAgain' : 'shiftStart')}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p className="mut">{t('shiftText')}</p>
        {failure ? <FailureBanner failure={failure} /> : null}
        {busy ? (
          <Banner boxed tone="info" icon="download" title={t('shiftBusy')} />
        ) : view?.ready && view.until ? (
          <Banner
            boxed
            tone="ok"
            testId="shift-ready"
            title={
              isoDay(new Date(view.until)) === isoDay()
                ? t('shiftReady', { at: clock(view.until) })
                : t('shiftReadyOn', { at: when(view.until) })
            }
          />
        ) : view ? (
          <Banner
            boxed
            tone="warn"
            testId="shift-not-ready"
            title={over ? t('shiftOver', { at: clock(over) }) : t('shiftNot')}
          >
            {t('shiftNotText')}
          </Banner>
        ) : null}
        <ul className="side-lines" aria-busy={busy}>
          {view?.items.map((item) => (
            <li key={item.kind} className="line" data-testid={`shift-${item.kind}`}>
              <Icon name={isHere(item) ? 'check-circle' : 'due'} className={isHere(item) ? 'c-ok' : 'c-warn'} />
              <span className="grow">{t(`shiftItems.${item.kind}`)}</span>
              <b>
                {!item.fetched
                  ? t('shiftUnread')
                  : item.needed === 0
                    ? t('shiftNone')
                    : t('shiftOf', { here: item.here, needed: item.needed })}
              </b>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  )
}

const isHere = ({ fetched, here, needed }: ShiftItemView) => fetched && here >= needed
