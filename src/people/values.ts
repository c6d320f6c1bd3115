import { foldHeading, foldWord, type Telling, tellings, words } from './headings.ts';

/** Whether the person of a row is there, gone, no person at all, or the cell says nothing that is known. */
export type Standing = 'there' | 'gone' | 'machine' | 'unknown';

/** Sentences of a remark that end, or forbid, what would be done. */
const remarks =
  /(?<!\p{L})(?:(?:left|leaving|has quit|quit) (?:the )?(?:company|firm|us|organi[sz]ation|team)|no longer (?:works?|employed|with|here|at)|(?:do not|don['’]t|please don['’]t|must not be) (?:invite|invited|mail|contact)|nicht (?:mehr (?:da|im|bei|hier|aktiv)|einladen)|ausgeschieden|ausgetreten|gekündigt|ne pas inviter|a quitté|plus dans (?:la société|l['’]entreprise)|no invitar|ya no (?:trabaja|está)|dejó la empresa|não convidar|saiu da empresa|não trabalha mais|non invitare|non lavora più|ha lasciato|niet uitnodigen|uit dienst|werkt niet meer|nie zapraszać|już nie pracuje|parti (?:en|le)|odsz(?:edł|ła)|odeš(?:el|la)|işten ayrıldı|(?:left|resigned|suspended|disabled|deactivated|terminated|offboarded|gesperrt|deaktiviert|désactivée?|desactivad[oa]) (?:\p{L}{1,5} )?\d+)(?!\p{L})|退職|離職|离职|퇴사/iu;

/** Cells that can hardly mean anything else. */
const plain = words(
  'suspended,deactivated,deprovisioned,terminated,offboarded,inactive,disabled,left company,left the company,former employee,former employees,disabled users,disabled accounts,former users,inactive users',
  'leaver,leavers,ex-employees,terminated employees,terminated users,suspended users,suspended accounts,deactivated users,gesperrt,deaktiviert,inaktiv,ausgeschieden,gekündigt,désactivé,désactivée,inactif,suspendu,suspendue',
  'desactivado,desactivada,inactivo,suspendido,desativado,inativo,desligado,disattivato,sospeso,gedeactiveerd,inactief',
  'dezaktywowany,zawieszony,nieaktywny,退職,退職済み,無効',
);

const noPersons = words(
  'group,bot,room,equipment,security group,mail enabled group,mail enabled security group,distribution list,mailing list',
  'distribution group,dynamic distribution group,shared mailbox,room mailbox,equipment mailbox,resource mailbox',
  'service account,service principal,google group,microsoft 365 group,unified group,functional account,bot user',
  'Dienstkonto,Verteilerliste,Systemkonto,compte de service,liste de diffusion,cuenta de servicio,lista de distribución',
  'conta de serviço,lista de distribuição,ボット,サービスアカウント,配布リスト,会議室',
);

const there = new Set([
  ...tellings.active,
  ...words(
    'sign in allowed,allow,allowed,hired,onboarding,licensed user,unlicensed,non subscribed,transactional,bypass',
    'confirmed user,activated,employee,registered,confirmed,verified,valid,ok,joined,approved,new,staged,provisioned',
    'password expired,recovery,pending,pending acceptance,pending activation,invited,invitation sent,unactivated',
    'awaiting password reset,password pending,password reset,security questions required,never logged in,member',
    'members,user,users,admin,administrator,org admin,owner,primary owner,workspace owner,workspace admin,guest',
    'multi channel guest,single channel guest,restricted,ultra restricted,invited member,invited user,accepted,sent',
    'full member,subscribed,licensed,permanent,full time,part time,regular,in service,on board,onboarded,present',
    'invite status sent,invite status staged,invite status accepted,invite status expired,billing active,live,open',
    'good,approve,account ok,attending,checked in,initial,angestellt,beschäftigt,eingeladen,ausstehend,bestätigt',
    'Mitglied,vorhanden,invité,en attente,confirmé,membre,en poste,en activo,activado,invitado,pendiente,confirmado',
    'miembro,vigente,de alta,alta,convidado,pendente,membro,招待済み,保留,保留中,確認済み,利用中,稼働中,on leave',
    'leave of absence,parental leave,maternity leave,not suspended,not blocked,not locked,granted,basic,staff,invitato',
    'in attesa,confermato,in servizio,in forza,uitgenodigd,in behandeling,bevestigd,aktywne,aktywowany,zatrudniony',
    'zatrudniona,zaproszony,zaproszona,oczekujący,potwierdzony,actifs,en activité,de licencia,de férias,férias,person',
    'human,natural person,authorized,authorised,permitted,genehmigt,freigegeben,zugelassen,erlaubt,aprobado,autorizado',
    'approuvé,autorisé,approvato,autorizzato,aprovado,goedgekeurd,zatwierdzony,承認,承認済み,add,create,post,put,patch',
    'update,keep,grant,no change,hinzufügen,anlegen,einladen,behalten,ajouter,créer,inviter,añadir,agregar,crear',
    'invitar,adicionar,criar,convidar,aggiungere,toevoegen,追加,招待,created,reinvited,resent,already invited',
    'already member,already granted,failed,not attempted',
  ),
]);

const gone = new Set([
  ...tellings.gone,
  ...plain,
  ...words(
    'not employed,unemployed,quit,withdrawn,lapsed,frozen out,tombstoned,purged,recycled,former user,former member',
    'ended,absent,deny,closed,offboarding complete,retired,cleaned,ldap blocked,blocked pending approval,rejected',
    'declined,denied,not approved,unapproved,abgelehnt,nicht genehmigt,refusé,rechazado,not active,not enabled,passive',
    'dormant,deceased,dismissed,fired,no longer employed,no longer with company,departed,exited,ex employee',
    'invite status deactivated,pending deletion,pending delete,to be deleted,scheduled for deletion',
    'marked for deletion,not attending,transfer suspended,bouncing,slutat,avslutad,beendet,abgelaufen,ehemalig',
    'ehemaliger,ehemaliger Mitarbeiter,verlassen,nicht aktiv,ausgetreten,pensioniert,stillgelegt,licencié,démissionné',
    'terminé,expiré,révoqué,retiré,non actif,ancien,ancien employé,sorti,baja,dada de baja,despedido,caducado,vencido',
    'jubilado,terminado,revocado,exempleado,no activo,retirado,demitido,expirado,encerrado,revogado,removido',
    'ex-funcionário,aposentado,停止済み,無効化,無効化済み,非アクティブ,disabilitato,dimesso,licenziato,scaduto,rimosso',
    'non attivo,uscito,geschorst,opgeschort,ontslagen,verlopen,vertrokken,niet actief,nieaktywna,zawieszona',
    'zablokowana,usunięta,zwolniony,zwolniona,wygasły,były pracownik,access revoked,remove,delete,revoke,deactivate',
    'disable,offboard,suspend,terminate,block,unsubscribe,do not invite,entfernen,löschen,sperren,deaktivieren',
    'supprimer,retirer,désactiver,eliminar,quitar,desactivar,remover,excluir,desativar,rimuovere,verwijderen',
    'skipped,already gone,removed from org,アーカイブ,アーカイブ済み,期限切れ,一時停止,利用停止,ロック,ロック中,退会,退会済み,脱退',
  ),
]);

const machine = new Set([
  ...tellings.machine,
  ...noPersons,
  ...words(
    'shared,organization,team,api key,mail contact,groups,bots,app,application,service,technical account,system,system account',
    'ghost,contact,resource,device,integration,workflow,api user,customer,managed identity,identity pool,computer,Gruppe,Verteiler,Raum,Gerät,Maschine,technischer Benutzer,groupe,salle',
    'appareil,grupo,sala,dispositivo,aplicación,aplicativo,robô,グループ,アプリ',
  ),
]);

/** How the kinds of accounts end that are no person's: `MailUniversalSecurityGroup`, `RemoteSharedMailbox`. */
const kindsOfOthers =
  /(?:(?:group|gruppe|groupe|grupo|gruppo|groep|grupa)(?:global|universal|domainlocal|lokal)?|bot|roomlist|folder|serviceaccount|process|(?:shared|room|equipment|resource|group|discovery|scheduling|team|monitoring|arbitration|system)mailbox)$/;

const yes = words(
  'true,yes,y,t,1,1.0,on,x,✓,✔,☑,☒,✅,tak,prawda,ja,wahr,waar,j,oui,vrai,o,sí,verdadero,vero,s,sim,verdadeiro,はい,真,○,有,あり,是',
);
const no = words(
  'false,no,n,f,0,0.0,off,-,✗,✘,☐,❌,nie,fałsz,nee,niet,onwaar,nej,nein,falsch,non,faux,falso,não,nao,いいえ,偽,×,無,なし,否',
  'null,nil,none,NaN,NaT,undefined,never,n/a,k.A.,not applicable',
);

/** Whether a cell, or an item of the list in it, says of its own that nobody is to be invited, whatever its heading is but that of a name. */
export function isRemark(cell: string, heading: string): boolean {
  if (remarks.test(cell)) return true;
  // Of an item of a list, or behind a name.
  const behind = /(?:[([]|\s[-–—]\s)([^()[\]–—-]+)[)\]]?$/.exec(cell)?.[1] ?? '';
  if (gone.has(foldWord(behind)) || cell.split(/[,;|()[\]/=]|:::/).some((part) => plain.has(foldWord(part))))
    return true;
  // The name of somebody, or what kind of thing they have.
  const isOfOther = /name|nom$|nombre|nome$|nazw|imie|名/.test(foldHeading(heading)) || /\[\d+\]\./.test(heading);
  return noPersons.has(foldWord(cell)) && !isOfOther;
}

/** What a cell says about its row. @param isOurs Written by this program, where `expired` is an invitation. */
export function standingIn(telling: Exclude<Telling, 'until'>, cell: string, isOurs = false): Standing {
  const word = foldWord(cell);
  if (word === '' && telling !== 'wish') return 'there';
  switch (telling) {
    case 'status':
      return stateIn(word, isOurs);
    case 'remark': {
      const state = stateIn(word, isOurs);
      if (state !== 'unknown') return state;
      return isRemark(cell, '') ? 'gone' : 'there';
    }
    case 'active':
    case 'wish':
    case 'refusal':
    case 'gone':
    case 'leaving':
      return answerIn(telling, cell, isOurs);
    case 'from':
      // Whether it has yet to come, is not a matter of the cell alone.
      return endIn(cell) === undefined ? 'unknown' : 'there';
    case 'type':
      if (machine.has(word) || kindsOfOthers.test(word)) return 'machine';
      return isRemark(cell, '') ? 'gone' : 'there';
    case 'machine':
      return yes.has(word) || machine.has(word) ? 'machine' : 'there';
    case 'control':
      // Active Directory: the second bit is that of a disabled account.
      return (Number(word) & 2) === 0 ? 'there' : 'gone';
    case 'principal':
      return /^(?:user:)?(?:sa-|pool-|group-)|^group:/i.test(cell.trim()) ? 'machine' : 'there';
    default:
      throw new Error(`no such column: ${telling satisfies never}`);
  }
}

const undecided = words(
  'pending,pending approval,in review,ausstehend,en attente,pendiente,pendente,in attesa,in behandeling,oczekujący,保留,保留中',
);

/** A yes or a no, a state, or why or when somebody left. A time that has yet to come is the end of access. */
function answerIn(telling: Telling, cell: string, isOurs: boolean): Standing {
  const word = foldWord(cell);
  // Beside cells with a mark, one without anything in it may say no.
  if (telling === 'wish' && (word === '' || undecided.has(word))) return 'unknown';
  const isGood = telling === 'active' || telling === 'wish';
  if (yes.has(word)) return isGood ? 'there' : 'gone';
  if (no.has(word)) return isGood ? 'gone' : 'there';
  // A block that is active is none of its person.
  if (!isGood && tellings.active.has(word)) return 'unknown';
  const state = stateIn(word, isOurs);
  if (state !== 'unknown') return state;
  const end = endIn(cell);
  // A time that is none, as programs write it.
  if (end === 'none' && telling === 'gone' && /\d/.test(cell)) return 'there';
  if (typeof end !== 'object') return telling === 'gone' ? 'gone' : 'unknown';
  // When somebody left, or when it was consented.
  return telling === 'active' ? 'unknown' : isGood ? 'there' : 'gone';
}

function stateIn(text: string, isOurs: boolean): Standing {
  const word = text.replace(/^(?:user|account|member|membership)(?:state|status)(?=.)/, '');
  // Of a woman as of a man: `suspendida`, `gesperrte`.
  const words = [word, word.replace(/a$/, 'o'), word.replace(/[ae]$/, '')];
  const isIn = (list: ReadonlySet<string>) => words.some((one) => list.has(one));
  if (isIn(machine)) return 'machine';
  if (isOurs && ours.has(word)) return 'there';
  return isIn(gone) ? 'gone' : isIn(there) ? 'there' : 'unknown';
}

const whether = words('granted,allowed,revoked,denied,full access');

/** Whether a cell says that there is access, or that there is none, but not to what. */
export function isOnlyWhether(cell: string): boolean {
  const word = foldWord(cell);
  return yes.has(word) || no.has(word) || whether.has(word) || typeof endIn(cell) === 'object';
}

/** States of invitations that say nothing about the person. */
const ours = words('expired,unknown,none,?');

/** The last moment of the day, or the moment, that a cell names. */
export interface End {
  /** As RFC 3339 has it: a day, or a time. */
  readonly text: string;
  /** Milliseconds since 1970: the first moment after it. */
  readonly end: number;
}

const noEnd = words(
  'unlimited,no expiry,no expiration,no end,forever,indefinite,permanent,open,∞,unbefristet,keine,keins,unbegrenzt,offen',
  'jamais,illimité,indéterminé,aucune,nunca,ilimitado,indefinido,ninguno,sem data,indeterminado,ninguna,nenhum,無期限,期限なし',
);

/**
 * The end that a cell names; `none` for "never" and the like. `ambiguous` if a day and a month could be exchanged,
 * undefined if it is no date.
 */
export function endIn(cell: string): End | 'none' | 'ambiguous' | undefined {
  const text = cell.trim();
  const word = foldWord(text);
  if (/^[0\s./:TZ–—-]*$/.test(text) || no.has(word) || noEnd.has(word)) return 'none';
  const stamp = stampIn(text);
  const [day, other] = stamp === undefined ? daysIn(text) : [];
  if (other !== undefined) return 'ambiguous';
  const end = stamp ?? day;
  // Programs write the first moment that they can count, for none: of 1601, 1900, or 1970.
  const isFirst = typeof end === 'object' && (end.end === 0 || end.end < Date.UTC(1900, 0, 3));
  return isFirst ? 'none' : end;
}

/**
 * Seconds, milliseconds or microseconds since 1970; or tenths of microseconds since 1601, as Active Directory counts
 * them, of which the largest number is never.
 */
function stampIn(text: string): End | 'none' | undefined {
  if (text === '9223372036854775807') return 'none';
  const digits = /^(?:\/Date\()?(\d{10}|\d{13}|\d{16}|\d{17,19})(?:\.\d+|\)\/)?$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const end =
    digits.length > 16
      ? Number(BigInt(digits) / 10_000n) - 11_644_473_600_000
      : Number(digits) * 1000 ** ((13 - digits.length) / 3);
  return { text: new Date(end).toISOString(), end };
}

/** A day as it is written; months have their English names. */
const days: readonly RegExp[] = [
  /^(?<y>[12]\d{3}|9999)(?<m>\d{2})(?<d>\d{2})(?:\d{6}(?:\.\d+)?Z)?$/,
  /^(?<y>\d{4})[-/.年](?<m>\d{1,2})[-/.月](?<d>\d{1,2})(?:$|[T 日])/,
  /^(?<d>\d{1,2})[\s.-]+(?<m>[a-z]{3,9})[\s.,-]+(?<y>\d{4})\b/i,
  /^(?<m>[a-z]{3,9})[\s.]+(?<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?<y>\d{4})\b/i,
  /^(?<d>\d{1,2})(?<sign>[./-])(?<m>\d{1,2})\k<sign>(?<y>\d{4})(?:$|[\s,T])/,
];

/** The days that a text may name: `31.10.2026` begins with the day; with other signs either may be the month. */
export function daysIn(text: string): End[] {
  const { y, m = '', d, sign } = days.map((one) => one.exec(text)?.groups).find((one) => one !== undefined) ?? {};
  const month = 'janfebmaraprmayjunjulaugsepoctnovdec'.indexOf(m.slice(0, 3).toLowerCase());
  const dayFirst = dayOf(y, month % 3 === 0 ? String(month / 3 + 1) : m, d);
  const first = /^\d{4}/.test(text) && dayFirst !== undefined ? timeIn(text, dayFirst) : dayFirst;
  const monthFirst = sign === '/' || sign === '-' ? dayOf(y, d, m) : undefined;
  return [first, monthFirst?.end === first?.end ? undefined : monthFirst].filter((one) => one !== undefined);
}

/** The time of the day, if there is one behind it. */
function timeIn(text: string, plain: End): End | undefined {
  const clock = /[T ](\d{1,2}:\d{2})(:\d{2})?(?:\.\d+)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (clock === null) return plain;
  const [, minutes = '', seconds = ':00', zone = 'Z'] = clock;
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const end = Date.parse(`${plain.text}T${minutes.padStart(5, '0')}${seconds}${offset}`);
  return Number.isNaN(end) ? undefined : { text: new Date(end).toISOString(), end };
}

/** Through that day, in UTC; undefined if the calendar does not have it. */
function dayOf(year = '', month = '', dayOfMonth = ''): End | undefined {
  const text = [year, month.padStart(2, '0'), dayOfMonth.padStart(2, '0')].join('-');
  const start = Date.parse(`${text}T00:00:00Z`);
  const isReal = !Number.isNaN(start) && new Date(start).toISOString().startsWith(text);
  return isReal ? { text, end: start + 86_400_000 } : undefined;
}
