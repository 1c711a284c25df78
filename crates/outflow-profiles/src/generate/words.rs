//! The words that sample profiles are made of, and the strings that break careless programs.

use super::random::Stream;

/// Numbers of distinct first names, last names and town names: enough that a dictionary is not tiny, few enough that
/// namesakes are common.
const FIRST_NAMES: usize = 2_000;
const LAST_NAMES: usize = 8_000;
const TOWNS: usize = 4_000;

/// The made-up names are the same for every seed.
const NAME_SEED: u64 = 0x006e_616d_6573;

/// The word lists, ready to pick from. The front of each list is the frequent part.
pub(super) struct Words {
    pub(super) first_names: Vec<String>,
    pub(super) last_names: Vec<String>,
    pub(super) towns: Vec<String>,
    /// First and last names as the left side of an e-mail address has them: lower case, ASCII.
    pub(super) mail_first: Vec<String>,
    pub(super) mail_last: Vec<String>,
    pub(super) long: String,
}

impl Words {
    pub(super) fn new() -> Words {
        let mut stream = Stream::of(NAME_SEED, 0);
        let first_names = filled(FIRST, FIRST_NAMES, 1, &mut stream);
        let last_names = filled(LAST, LAST_NAMES, 2, &mut stream);
        let towns = filled("", TOWNS, 2, &mut stream);
        let mail = |names: &[String]| names.iter().map(|n| n.chars().map(folded).collect()).collect();
        let (mail_first, mail_last) = (mail(&first_names), mail(&last_names));
        // 5,120 bytes, with a quote, a comma and a line break inside.
        let long = "A very long name, \"quoted\",\nwith a line ".repeat(128);
        Words { first_names, last_names, towns, mail_first, mail_last, long }
    }
}

/// The words of `list`, then made-up ones up to `count`, all different.
fn filled(list: &str, count: usize, syllables_min: u64, stream: &mut Stream) -> Vec<String> {
    let mut words: Vec<String> = list.split_whitespace().map(str::to_string).collect();
    let mut seen: std::collections::HashSet<String> = words.iter().cloned().collect();
    while words.len() < count {
        let mut word = String::new();
        for _ in 0..syllables_min + stream.below(3) {
            word.push_str(SYLLABLES[stream.below(SYLLABLES.len() as u64) as usize]);
        }
        word[..1].make_ascii_uppercase();
        if seen.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

/// A letter of a name as e-mail addresses write it.
fn folded(letter: char) -> char {
    match letter {
        'á' | 'Á' | 'ä' | 'Å' | 'ą' | 'ã' | 'å' | 'à' => 'a',
        'ç' | 'Ç' | 'ć' => 'c',
        'é' | 'è' | 'ë' | 'ê' => 'e',
        'í' | 'ï' | 'î' | 'İ' | 'ı' => 'i',
        'Ł' | 'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ó' | 'ö' | 'ø' | 'Ö' | 'Ø' | 'ô' => 'o',
        'Š' | 'š' | 'ş' | 'Ş' | 'ś' => 's',
        'ú' | 'ü' => 'u',
        'Ž' | 'ž' | 'ż' => 'z',
        'ğ' => 'g',
        'ý' => 'y',
        other => other.to_ascii_lowercase(),
    }
}

const FIRST: &str = "Maria Anna James Emma Liam Olivia Noah Sofia Lucas Mia Leon Laura Daniel Julia David Sarah Thomas \
    Elena Michael Clara Martin Alice Peter Nina Paul Lena Jan Eva Simon Ida Felix Marta Hugo Alma Oscar Nora Max Vera \
    Adam Lucy Ben Grace Tom Ella Sam Ruby Jack Amelia Harry Chloe George Isla Oliver Freya Arthur Poppy Ethan Zoë \
    Mateo Camila Diego Valentina Thiago Luísa João Beatriz Pedro Inês Miguel Lucía José Carmen Javier Pilar Pablo \
    Noémie François Chloé Rémi Léa Gaëtan Anaïs Jérôme Hélène Benoît Jürgen Jörg Käthe Günter Björn Åsa Sören \
    Łukasz Zofia Paweł Agnieszka Kacper Hanna Ayşe Emre Çağla Deniz Elif Murat Aarav Priya Vihaan Ananya Arjun Diya \
    Rohan Kavya Ishaan Meera Haruto Yui Sota Hina Ren Sakura Kaito Aoi Minjun Seoyeon Jiho Jiwoo Wei Mei Li Xin \
    Omar Leila Youssef Amina Karim Fatima Giulia Matteo Chiara Lorenzo Francesca Davide Sanne Daan Femke Bram Lotte \
    Sven Astrid Lars Ingrid Mads Freja Søren Olav Sigrid Magnus Siri Kwame Ama Thandiwe Sipho Zanele Chidi Ngozi Kofi";

const LAST: &str = "Smith Müller García Martin Silva Rossi Jensen Nowak Tanaka Kim Singh Brown Schmidt Santos López \
    Bernard Hansen Kowalski Suzuki Lee Patel Jones Schneider Oliveira Martínez Dubois Nielsen Wójcik Takahashi Park \
    Kumar Williams Fischer Souza Sánchez Petit Andersen Wiśniewski Watanabe Choi Sharma Taylor Weber Pereira Pérez \
    Durand Larsen Kamiński Ito Jung Gupta Wilson Meyer Costa Gómez Leroy Johansen Lewandowski Yamamoto Kang Reddy \
    Davies Wagner Ferreira Ruiz Moreau Olsen Zieliński Nakamura Cho Mehta Evans Becker Almeida Díaz Laurent Berg \
    Szymański Kobayashi Yoon Iyer Walker Schulz Ribeiro Moreno Lefèvre Lund Dąbrowski Kato Jang Nair White Hoffmann \
    Carvalho Álvarez Roux Holm Kozłowski Yoshida Lim Joshi Green Koch Gomes Romero Fournier Dahl Mazur Yamada Han Das \
    Baker Richter Martins Navarro Girard Lindqvist Krawczyk Sasaki Shin Rao King Klein Araújo Torres Bonnet Nilsson \
    Yılmaz Kaya Demir Çelik Şahin Yıldız Öztürk Aydın Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti \
    Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Keller Huber Frei Baumann Steiner Wyss Zürcher \
    Okafor Mensah Dlamini Nkosi Abebe Haddad Nasser Mansour Rahman Hussain Nguyen Tran Pham Chen Wang Zhang Liu Huang \
    Hernández Rodríguez González Flores Rivera Cruz Ortiz Castillo Vargas Mendoza Løvland Strømberg Žukauskas Šimková";

const SYLLABLES: [&str; 40] = [
    "ar", "bel", "cor", "dan", "el", "fen", "gar", "hol", "in", "jor", "kel", "lin", "mar", "nor", "os", "per", "quin",
    "ran", "sel", "tor", "ul", "ver", "wes", "yan", "zel", "ba", "de", "li", "mo", "na", "ro", "sa", "ta", "vi", "son",
    "ham", "dale", "field", "mer", "wick",
];

/// A country: its code, its share in thousandths, and some of its larger cities.
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) share_per_mille: u64,
    pub(super) cities: &'static [&'static str],
}

const fn country(code: &'static str, share_per_mille: u64, cities: &'static [&'static str]) -> Country {
    Country { code, share_per_mille, cities }
}

/// Where sample profiles live; the shares add up to 1000.
pub(super) const COUNTRIES: [Country; 20] = [
    country("US", 360, &["New York", "Los Angeles", "Chicago", "Washington, D.C.", "Houston", "St. Paul", "O'Fallon"]),
    country("GB", 90, &["London", "Birmingham", "Leeds", "Glasgow", "Stoke-on-Trent", "King's Lynn"]),
    country("DE", 80, &["Berlin", "Hamburg", "München", "Köln", "Frankfurt (Oder)", "Düsseldorf", "Halle/Saale"]),
    country("FR", 70, &["Paris", "Lyon", "Marseille", "L'Haÿ-les-Roses", "Orléans", "Saint-Étienne"]),
    country("JP", 60, &["東京", "大阪", "Yokohama", "Sapporo", "Kōbe", "京都"]),
    country("BR", 60, &["São Paulo", "Rio de Janeiro", "Brasília", "Belém", "Goiânia"]),
    country("IN", 50, &["Mumbai", "Delhi", "Bengaluru", "Chennai", "Kolkata", "पुणे"]),
    country("CA", 40, &["Toronto", "Montréal", "Vancouver", "Val-d'Or", "St. John's"]),
    country("AU", 30, &["Sydney", "Melbourne", "Brisbane", "Perth", "Wagga Wagga"]),
    country("ES", 30, &["Madrid", "Barcelona", "A Coruña", "Málaga", "L'Hospitalet de Llobregat"]),
    country("IT", 30, &["Roma", "Milano", "Napoli", "Forlì", "Reggio nell'Emilia"]),
    country("NL", 20, &["Amsterdam", "Rotterdam", "'s-Hertogenbosch", "Den Haag"]),
    country("SE", 15, &["Stockholm", "Göteborg", "Malmö", "Örebro"]),
    country("PL", 15, &["Warszawa", "Kraków", "Łódź", "Gdańsk"]),
    country("MX", 15, &["Ciudad de México", "Guadalajara", "Mérida", "León"]),
    country("KR", 10, &["서울", "Busan", "Incheon"]),
    country("CH", 10, &["Zürich", "Genève", "Bern", "La Chaux-de-Fonds"]),
    country("DK", 5, &["København", "Aarhus", "Ærøskøbing"]),
    country("NO", 5, &["Oslo", "Bergen", "Tromsø", "Å"]),
    country("TR", 5, &["İstanbul", "Ankara", "İzmir"]),
];

/// Right sides of the e-mail addresses, all reserved for examples (RFC 2606): nobody ever receives a test mail.
pub(super) const MAIL_DOMAINS: [&str; 8] = [
    "example.com",
    "example.org",
    "example.net",
    "mail.example.com",
    "post.example.org",
    "kunden.example.net",
    "shop.example.com",
    "alumni.example.org",
];

/// Strings that break careless writers and readers: quotes, delimiters and line ends inside a value, formula prefixes,
/// blanks at the ends, what looks like null or a number, other scripts and directions. U+0000 is not among them: common
/// readers stop at it, and the files should stay readable with them.
pub(super) const NASTY: [&str; 52] = [
    "",
    " ",
    " leading space",
    "trailing space ",
    "\"",
    "\"\"",
    "Anne \"Annie\" Lee",
    "O'Brien",
    "';--",
    "comma, inside",
    "semi;colon",
    "pipe|pipe",
    "colon:colon",
    "tab\there",
    "line\nbreak",
    "cr\r\nlf",
    "lone\rreturn",
    "\n",
    "ends with a line break\n",
    "back\\slash",
    "ends with a backslash\\",
    "\\\"",
    "\\N",
    "\\n",
    "NULL",
    "null",
    "nan",
    "true",
    "007",
    "1e5",
    "=1+1",
    "=\"cmd|' /C calc'!A0",
    "+1-800-FLOWERS",
    "-2+3+cmd",
    "@SUM(1+1)",
    "{\"a\":1}",
    "<b>x</b> & y",
    "%SEGMENT_ID%",
    "control\u{1}\u{8}\u{1b}[31m\u{7f}",
    "next\u{85}line",
    "line\u{2028}separator",
    "zero\u{200b}width",
    "\u{feff}byte order mark",
    "no\u{a0}break",
    "نور",
    "שלום עולם",
    "\u{202e}override",
    "李小龍",
    "e\u{301} combining",
    "😀 smile",
    "👩\u{200d}👩\u{200d}👧 family",
    "Müller-Lüdenscheidt",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_full_and_words_differ() {
        let words = Words::new();
        for (list, count) in [(&words.first_names, FIRST_NAMES), (&words.last_names, LAST_NAMES), (&words.towns, TOWNS)]
        {
            let distinct: std::collections::HashSet<&String> = list.iter().collect();
            assert_eq!(distinct.len(), count);
            assert_eq!(list.len(), count);
        }
        assert!((5_000..5_300).contains(&words.long.len()));
    }

    #[test]
    fn addresses_are_plain_ascii() {
        let words = Words::new();
        for name in words.mail_first.iter().chain(&words.mail_last) {
            assert!(name.chars().all(|c| c.is_ascii_lowercase()), "{name}");
        }
    }

    #[test]
    fn country_shares_add_up() {
        assert_eq!(COUNTRIES.iter().map(|c| c.share_per_mille).sum::<u64>(), 1000);
    }

    #[test]
    fn nasty_strings_differ() {
        let distinct: std::collections::HashSet<&str> = NASTY.into_iter().collect();
        assert_eq!(distinct.len(), NASTY.len());
    }
}
