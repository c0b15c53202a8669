import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Checkbox, Dialog, Select, TextArea } from '../design'
import { personName } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TransitionCardView } from '../ipc/generated/TransitionCardView'
import { useShowTransition } from './update'

type Props = { cards: TransitionCardView[]; colleagues: [string, string][]; end?: boolean; onClose: () => void }

/** Hands one case over, or all of a shift. The owner stays until the other accepts. */
export function OfferDialog({ cards, colleagues, end, onClose }: Props) {
  const { t } = useTranslation(['transition', 'frame'])
  const show = useShowTransition()
  const { run, failure, busy } = useAction()
  const [colleague, setColleague] = useState('')
  const [note, setNote] = useState('')
  const [left, setLeft] = useState<string[]>([])
  const [done, setDone] = useState<string[]>([])
  const chosen = cards.filter(({ id }) => !left.includes(id) && !done.includes(id))
  const submit = () => {
    if (colleague === '' || chosen.length === 0 || busy) return
    return run(async () => {
      for (const { id } of chosen) {
        show(await call('handover_offer', { transition_id: id, colleague_id: colleague, note: note.trim() }))
        setDone((before) => [...before, id])
      }
    }, onClose)
  }
  return (
    <Dialog
      title={t(end ? 'offer.endTitle' : 'offer.title')}
      size="s"
      onClose={onClose}
      closable={!busy}
      onSubmit={submit}
      testId="offer-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button
            kind="primary"
            type="submit"
            disabled={colleague === '' || chosen.length === 0}
            busy={busy}
            testId="offer-send"
          >
            {t('offer.submit', { count: chosen.length })}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        {failure && done.length > 0 ? (
          <Banner boxed tone="warn" title={t('offer.partly', { done: done.length, of: cards.length })} />
        ) : null}
        <p>{t('offer.text')}</p>
        <Select
          label={t('offer.colleague')}
          placeholder={t('offer.choose')}
          firstFocus
          value={colleague}
          hint={colleagues.length === 0 ? t('offer.noColleagues') : undefined}
          onChange={setColleague}
          options={colleagues.map(([value, label]) => ({ value, label }))}
          testId="offer-colleague"
        />
        {cards.length > 1 || end ? (
          <fieldset>
            <legend className="cap">{t('offer.cases')}</legend>
            {cards.map((card) => (
              <Checkbox
                key={card.id}
                checked={!left.includes(card.id)}
                disabled={done.includes(card.id)}
                onChange={(checked) => setLeft(checked ? left.filter((id) => id !== card.id) : [...left, card.id])}
                testId={`offer-case-${card.id}`}
              >
                {personName(card.patient)} <span className="mut t-xs">{t(`columns.${card.state}`)}</span>
              </Checkbox>
            ))}
          </fieldset>
        ) : (
          cards.map((card) => (
            <p key={card.id}>
              <b>{personName(card.patient)}</b>, <span className="mono">{card.patient.fiscal_code}</span>
            </p>
          ))
        )}
        <TextArea
          label={t('offer.note')}
          optional={t('offer.optional')}
          rows={2}
          value={note}
          onChange={setNote}
          testId="offer-note"
        />
      </div>
    </Dialog>
  )
}
