import { foldHeading, inSmallLetters, isLeftAlone, type Telling, tellingIn, words } from './headings.ts';

/** What is on or off for people who are there: `mfa_active`, `Two-step verification`. */
const switches =
  /^(?:2fa|2sv|mfa|totp|otp|sms|passwor[dt]|pwd|key|cert|certificate|ssh|sync|synced|dirsync|newsletter|marketing|forwarding|backup|device|phone|imap|pop|calendar|drive|storage|photo|two|factor|protection|protected|polic[yi]e?|notification|alert|verified|verification|enforced|enrolled|sso|saml|portal|feature|calling|voicemail|chat|api|multifactor|desktop|laptop|mobile|app|web|vpn|wifi|badge|fax|archive|item|hold|retention|mailtip|renew|reply)s?$/;

const ofAccounts = /^(?:is|ad|aad|entra|ldap|okta|(?:account|user|member|person|profile|employee|log|sign|mailbox).*)$/;

/** Such columns are about something else that has a state, or that ends: `Password expiry date`, `FLSA Status`. */
const otherThings =
  /^(?:directory|marital|order|ticket|delivery|invoice|payment|shipping|task|project|visa|passport|warranty|trial|civil|familien|familienstand|lead|deal|campaign|training|course|vaccination|weekend|language|time|zone|enrollment|hand|field|list|country|region|address|street|usage|session|consent|audit|review|probation|probezeit|birth|next|familiar|matrimonial|billing|stage|squad|build|pr|essai|prova|prueba|experiencia|proef|proeftijd|tax|flsa|veteran|immigration|citizenship|smoker|insurance|benefit|disability|validation|overall|[a-z]*frist|[a-z]*schutz|preavis|preavviso|preaviso)s?$/;

/** By the beginning of a word, without accents; each is the beginning of the same word in several languages. */
const stems: readonly (readonly [Telling, RegExp])[] = [
  [
    'until',
    /(?<!pass?w(?:or)?d)expir(?:ation|es|y)$|^(?:expir|departure|scad|until|enddat|endet|einddat|verval|vervall?t|austritt|caduc|vencim|koniec|zakoncz|wygas|echeanc|finaliz|slutdat|sluttdat|u?pp?hor|ukonc|konec|platnost|vystup|wazn|odejsc|rozwiaz|bitis|gecerlilik|cikis|kilep|plecar|paatty|jusqu|udlob|utlop|окончан|истек|срок|ληξη)|^(?:exit|ends?|ende|einde|endate|till?|asti|thru|fine|fim|fin|termino|sortie|salida|saida|uscita|term|leaves|leaving|sunset|hasta|cese|bis|tot|slut|kiedy|kdy|depart|relieving|lwd|dol|до)$|^befrist|ablauf|.{4}ende$|終了|期限|満了|有[効效]期|截止|到期|まで$|만료|종료/,
  ],
  [
    'leaving',
    /^(?:suspen|suspend|sospes|sospen|block|bloc|bloque|blok|geblok|zablok|gesperr|sperr|lock|verrou|vergrendel|disabl|disabilitat|deshabil|desabil|uitgeschakeld|wylacz|de?activ[ae]|deaktiv|dezaktyw|disattiv|desactiv|desativ|gedeactiv|inactiv|inaktiv|inativ|inattiv|inactief|nieaktyw|terminat|offboard|deprovision|delet|remov|supprim|elimin|cancel|annul|anul|stornier|verwijder|usuni|gelosch|archiv|gearchiv|zarchiw|resign|dimiss|dismiss|demiss|deceas|erased|quarantin|zawiesz|quitte|lasciat|odszed|frozen|eingefroren|deny|denied|reject|declin|unapprov|unauthori|abgelehnt|exclud|exclu|skip|optout|unsubscr|blacklist|banned|revok|former|leaver|departed|ausgeschied|ausgetret|ausschlu|ehemalig|gekundig|kundig|ontslag|cessat|cess|baja|deslig|licenci|uitdienst|zwoln|neaktiv|fratrad|avslut|avgang|avstang|sparr|slutat|ayril|pasif|engellen|уволен|увольн|заблок|отключ|неактив|удален)|^(?:left|quit|gone|died|ban|saiu|dejo|parti|partie|retired|dienst)$|sperr(?:e|ung|t)?$|停止|無効|退職|退会|休止|離職|离职|解雇|禁用|停用|冻结|删除|注销|비활성|정지|삭제|차단|퇴사|퇴직/,
  ],
  [
    'status',
    /^(?:status|statut|stato|estado|estatus|situa[ct]|situazion|toestand|lifecycle|standing|zustand|stav|durum|allapot|статус|состоян|κατασταση)|^(?:tila|stare)$|.status$|ステータス|状態|状況|状态|狀態|상태|재직/,
  ],
  [
    'active',
    /^(?:active|activ[ao]|actif|actief|attiv|ativ|aktiv|aktyw|habilit|abilit|ingeschakeld|wlacz|employed|current|freigeschaltet|beschaftigt|aktiivi|aktif|etkin|актив|ενεργ)|^(?:activ|enabled)$|有[効效]|在籍|在職|在职|启用|활성/,
  ],
];

/** Headings that tell it by all of their words: who is to be invited is not who is there. */
const phrases: readonly (readonly [Telling, ReadonlySet<string>])[] = [
  [
    'wish',
    words(
      'invite,to invite,to be invited,send invitation,send invite,send invitation message,opt in',
      'opted in,include,included,keep,may be invited,can be invited,ok to invite,still needed,rsvp,attending,should be invited,eligible,granted,access granted,einladen,einzuladen,behalten,inviter,à inviter,invitar,convidar,invitare,uitnodigen',
    ),
  ],
  [
    'refusal',
    words(
      'do not invite,do not contact,do not mail,opt out,opted out,email opt out,has opted out of email,opted out of email',
      'exclude,skip,nicht einladen,ne pas inviter,no invitar',
    ),
  ],
  ['leaving', words('on leave,is on leave,on garden leave')],
];

/** Beginnings of words for a consent, without which nobody is invited. */
const consents =
  /^(?:approv(?:ed|al)|authori[sz]ed|allow(?:ed)?$|permitted|genehmig|freigegeben|freigabe|zugelassen|erlaubt|berechtigt$|aprobad|aprobacion|autorizad|permitid|approuv|autoris|approvat|approvazion|autorizzat|consentit|aprovad|aprovac|goedgekeurd|goedkeuring|toegestaan|zatwierdzon|承認済?み?$|許可)/;

/** Whether a heading is about who gave a consent, or for what else, of which most cells are no yes or no. */
export function isOfConsent(heading: string): boolean {
  return partsOf(heading).some((part) => /^(?:by|von|par|por|da|door|przez|ips?|domains?)$/.test(part));
}

/** `Last active` is a time that is past for everybody, `Last day worked` an end. */
const lasts = /^(?:last|letzte[rn]?|dernier|ultim[oa]|laatste|ostatni|sista|последнии)$/;
const workdays = /^(?:day|work|worked|working|\p{L}*tag|jour|dia|giorno|\p{L}*dag|dzien|день)$/u;

/** Why somebody left, of which any word is one. */
const reasons = /(?:reason|raison|grund|motif|motivo|causale|razon|reden|powod|orsak)$|理由/;

/** Whether access is needed, or is to stay: `Do you need access?`, `Keep account`. */
const needs = /^(?:needs?$|needed|wants?$|keep|still$|benotig|brauch|besoin|necesit|precis|bisogno|nodig|potrzeb)/;
const accesses =
  /^(?:access|account|zugang|zugriff|konto|acces|compte|acceso|cuenta|acesso|conta|accesso|toegang|dostep)$/;

/** Words that turn a heading into its opposite. */
const negations = /^(?:not|no|non|nicht|kein|do|dont|without|nie|niet|nao|pas|isnt)$/;

export function mayTell(heading: string): Telling | undefined {
  return tellingIn(heading) ?? likelyTelling(heading);
}

/** What a heading that is in no list may tell, by the words in it. */
export function likelyTelling(heading: string): Telling | undefined {
  const parts = partsOf(heading);
  const has = (word: RegExp) => parts.some((part) => word.test(part));
  const phrase = phrases.find(([, known]) => known.has(foldHeading(heading)))?.[0];
  if (phrase !== undefined) return phrase;
  if (isOfRights(heading)) return 'wish';
  if (isLeftAlone(heading) || parts.length > 7 || otherIn(heading) !== undefined) return undefined;
  if (has(lasts)) return has(workdays) ? 'until' : undefined;
  const told = stems.filter(([, stem]) => has(stem)).map(([telling]) => telling);
  const isNeed = told.length === 0 && has(needs) && has(accesses) && likelyPlace(heading) === undefined;
  const found = isNeed || has(consents) ? 'wish' : told[0];
  if (found === 'leaving' && has(reasons)) return 'gone';
  // `Suspended until`: the day on which somebody is there again.
  if (found === 'until' && told.includes('leaving') && has(/^(?:until|bis|hasta|jusqu|ate|tot)/)) return 'from';
  const isNegated = parts.some((part) => negations.test(part) && part !== 'do');
  if (!isNegated) return found;
  return found === 'active' ? 'leaving' : found === 'wish' ? 'refusal' : found;
}

/** Whether it is about what is on or off for people who are there, as `Moderation enabled`, or about another thing. */
export function otherIn(heading: string): 'switch' | 'thing' | undefined {
  const parts = partsOf(heading);
  const isSwitch = parts.length > 1 && parts.at(-1) === 'enabled' && !parts.some((part) => ofAccounts.test(part));
  if (isSwitch || parts.some((part) => switches.test(part))) return 'switch';
  return parts.some((part) => otherThings.test(part)) ? 'thing' : undefined;
}

function partsOf(heading: string): string[] {
  const words = inSmallLetters(heading.replace(/([a-z])([A-Z])/g, '$1 $2')).replace(/['’]/g, '');
  return words.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '');
}

/** Beginnings of words for what a role can be for, by the part that says the same. */
const places: readonly (readonly ['environment' | 'cluster' | 'resource' | 'scope', RegExp])[] = [
  ['environment', /^(?:env|environ|umgebung|entorno|omgeving|srodowisk|ambiente)/],
  ['cluster', /^(?:cluster|klaster|kafka|lkc|lsrc|ksql)/],
  [
    'resource',
    /^(?:topic|resource|ressourc|recurso|risors|zasob|consumer|konsument|consommat|consumidor|transactional|subject|connect(?:or|eur)|conector|konnektor|conne[tc]tore|flink|tableflow)|^(?:schema|compute|catalog|database)$/,
  ],
  [
    'scope',
    /^(?:scope|geltung|bereich|perimet|ambito|escopo|portee|restrict|restric|einschrank|eingeschrank|beschrank|limited|limita|limite$|beperk|ogranicz|crn)|対象/,
  ],
];

/** Headings of what people may do, in the words of another program. */
const rights = words(
  'confluent,confluent cloud,confluent access,kafka,kafka access,access to kafka,access to confluent,has access,needs access',
  'selected,ausgewählt,access,access level,access type,access right,access rights,level of access,permission,permissions,permission level',
  'permission set,privilege,privileges,privilege level,right,rights,user rights,Berechtigung,Berechtigungen,Zugriff',
  'Berechtigungsstufe,Zugriffsrecht,Zugriffsrechte,Zugriffsebene,Zugriffsstufe,Zugriffslevel,Recht,Rechte,accès,droits',
  "niveau d'accès,droits d'accès,privilège,privilèges,autorisations,acceso,nivel de acceso,permiso,permisos,privilegio",
  'privilegios,derechos,acesso,nível de acesso,permissão,permissões,privilégios,direitos,accesso,livello di accesso',
  'permesso,permessi,autorizzazioni,toegang,toegangsniveau,rechten,toegangsrechten,machtigingen,dostęp,poziom dostępu',
  'uprawnienia,uprawnienie,権限,アクセス権,アクセス権限,アクセスレベル,data access,ACL,yetki,oprávnění,права,权限,권한',
);

/** Whether a heading may narrow what the roles are to allow. */
export function isOfRights(heading: string): boolean {
  return rights.has(foldHeading(heading));
}

/** Headings that say by all of their words that the roles are not for everything. */
const limits =
  /^(?:(?:access|role|rights?) )?(?:applies to|valid for|only for|gilt fur|nur fur|zugriff nur auf|namespace|(?:read|view) ?only|nur lesen|lecture seule|sol[oa] le[ct]tura|somente leitura|alleen lezen|tylko odczyt|読み取り専用|閲覧のみ)$/;

/** What of a scope a heading that is in no list may name, by the words in it. */
export function likelyPlace(heading: string): 'environment' | 'cluster' | 'resource' | 'scope' | undefined {
  const parts = partsOf(heading);
  if (isLeftAlone(heading)) return undefined;
  if (limits.test(parts.join(' '))) return 'scope';
  return places.find(([, place]) => parts.some((part) => place.test(part)))?.[0];
}
