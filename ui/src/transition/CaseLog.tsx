import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Card, Choice, Icon, TextArea, TextField } from '../design'
import { campaniaInstant, clock, day as dayWords, isoDay, shortWhen, typedDay } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { CallResult } from '../ipc/generated/CallResult'
import type { TransitionView } from '../ipc/generated/TransitionView'
import { useShowTransition } from './update'

type What = 'note' | CallResult

/** Notes and calls, and the line to add one. What was written stays until the core has it. */
export function CaseLog({ view }: { view: TransitionView }) {
  const { t } = useTranslation('transition')
  const { card, log } = view
  const show = useShowTransition()
  const { run, failure, busy } = useAction()
  const [what, setWhat] = useState<What>('called')
  const [text, setText] = useState('')
  const [whom, setWhom] = useState(card.call_back_whom ?? '')
  const [day, setDay] = useState(() => dayWords(isoDay()))
  const [hour, setHour] = useState('')
  const [asked, setAsked] = useState(false)
  const back = what === 'call_back' ? campaniaInstant(typedDay(day) ?? '', hour) : null
  const bad = what === 'note' ? text.trim() === '' : what === 'call_back' && back === null
  const register = () => {
    setAsked(true)
    if (bad) return
    return run(
      () =>
        call('transition_log_call', {
          transition_id: card.id,
          call: what === 'note' ? null : what,
          whom: what === 'note' ? '' : whom.trim(),
          call_back_at: back,
          text: text.trim(),
        }),
      (next) => {
        show(next)
        setText('')
        setHour('')
        setAsked(false)
      },
    )
  }
  return (
    <div className="stack wide">
      {card.state === 'closed' ? null : (
        <Card title={t('addTitle')} testId="log-form">
          <form
            className="ps-card-body stack"
            onSubmit={(event) => {
              event.preventDefault()
              if (!busy) void register()
            }}
          >
            {failure ? <FailureBanner failure={failure} /> : null}
            <Choice<What>
              layout="line"
              legend={t('addWhat')}
              hideLegend
              value={what}
              onChange={(value) => {
                setWhat(value)
                setAsked(false)
              }}
              options={[
                { value: 'called', label: t('called'), testId: 'log-called' },
                { value: 'no_answer', label: t('noAnswer'), testId: 'log-no_answer' },
                { value: 'call_back', label: t('callBackAt'), testId: 'log-call_back' },
                { value: 'note', label: t('addNote'), testId: 'log-note' },
              ]}
              error={asked && what === 'call_back' && back === null ? t('whenMissing') : undefined}
            />
            {what === 'note' ? null : (
              <TextField
                label={t('whom')}
                optional={t('textOptional')}
                placeholder={t('whomPlaceholder')}
                maxLength={80}
                value={whom}
                onChange={setWhom}
                testId="call-whom"
              />
            )}
            {what === 'call_back' ? (
              <div className="line case-when wrap">
                <TextField
                  label={t('day')}
                  placeholder="gg/mm/aaaa"
                  maxLength={10}
                  value={day}
                  onChange={setDay}
                  testId="call-back-day"
                />
                <TextField
                  label={t('at')}
                  placeholder="11:30"
                  inputMode="numeric"
                  maxLength={5}
                  value={hour}
                  onChange={setHour}
                  testId="call-back-time"
                />
                <span className="line tight wrap case-soon">
                  {(['half', 'hour', 'tomorrow'] as const).map((each) => (
                    <Button
                      key={each}
                      kind="quiet"
                      small
                      testId={`call-back-${each}`}
                      onPress={() => {
                        const soon = soonOf(each)
                        setDay(dayWords(isoDay(soon)))
                        setHour(each === 'tomorrow' ? '09:00' : clock(soon.toISOString()))
                      }}
                    >
                      {t(`soon.${each}`)}
                    </Button>
                  ))}
                </span>
              </div>
            ) : null}
            <TextArea
              label={t('text')}
              optional={what === 'note' ? undefined : t('textOptional')}
              hint={t('textPlaceholder')}
              rows={2}
              value={text}
              onChange={setText}
              error={asked && what === 'note' && bad ? t('textMissing') : undefined}
              testId="log-text"
            />
            <div className="line">
              <span className="grow" />
              <Button type="submit" busy={busy} testId="log-save">
                {t('register')}
              </Button>
            </div>
          </form>
        </Card>
      )}
      <Card title={t('log')} end={log.length || undefined} testId="case-log">
        <div className="ps-card-body">
          {log.length === 0 ? <p className="mut">{t('logEmpty')}</p> : null}
          <ol className="side-lines case-log">
            {[...log].reverse().map((line) => (
              <li key={`${line.at} ${line.author} ${line.text}`}>
                <Icon name={line.escalation ? 'warning-circle' : line.call ? 'phone' : 'note'} className="mut" />
                <span className="grow">
                  <span className="t-xs mut case-log-head">
                    {line.escalation ? (
                      <b className={line.escalation === 'raised' ? 'c-danger' : 'c-ok'}>
                        {t(`steps.${line.escalation}`)}
                      </b>
                    ) : line.call ? (
                      <b className={line.call === 'called' ? 'c-ok' : 'c-warn'}>
                        {t(`calls.${line.call}`)}
                        {line.call_back_at ? ` ${shortWhen(line.call_back_at)}` : ''}
                      </b>
                    ) : (
                      t('note')
                    )}
                    {line.whom ? `, ${line.whom}` : ''}, {line.author}
                  </span>
                  {line.text}
                </span>
                <span className="t-xs mut nw" title={clock(line.at)}>
                  {shortWhen(line.at)}
                </span>
              </li>
            ))}
          </ol>
        </div>
      </Card>
    </div>
  )
}

function soonOf(each: 'half' | 'hour' | 'tomorrow') {
  const minutes = { half: 30, hour: 60, tomorrow: 24 * 60 }[each]
  return new Date(Date.now() + minutes * 60_000)
}
