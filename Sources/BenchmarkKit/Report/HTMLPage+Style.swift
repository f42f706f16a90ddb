extension HTMLPage {
    /// The page's style sheet. Colours are variables, set for light, for dark, and again for each by the reader's
    /// choice on the page.
    static var style: String {
        let light = "color-scheme:light;" + ChartStyle.variables(ChartStyle.light)
        let dark = "color-scheme:dark;" + ChartStyle.variables(ChartStyle.dark)
        return ":root{\(light)}@media(prefers-color-scheme:dark){:root{\(dark)}}"
            + ":root:has(#theme-light:checked){\(light)}:root:has(#theme-dark:checked){\(dark)}" + page
            + ChartStyle.rules
    }

    private static let page = """
        *{box-sizing:border-box}body{margin:0 auto;padding:12px;max-width:1120px;background:var(--paper);\
        color:var(--ink);font:15px/1.45 \(ChartStyle.fonts);overflow-wrap:anywhere}
        header{display:flex;flex-wrap:wrap;gap:8px 24px;align-items:baseline;justify-content:space-between}
        h1{font-size:22px;margin:0}h2{font-size:19px;margin:0 0 4px}h3{font-size:16px;margin:20px 0 8px}
        h4{font-size:14px;margin:12px 0 4px}
        .theme{border:0;padding:0;margin:0;font-size:13px;color:var(--quiet);display:flex;gap:10px}\
        .theme legend{float:left;padding:0;margin-right:10px}.theme label{display:inline-flex;gap:3px}
        .theme input{accent-color:var(--c0);margin:0}
        nav ul{list-style:none;padding:0;margin:12px 0;display:flex;flex-wrap:wrap;gap:4px 16px}
        a{color:var(--c0)}article{border-top:1px solid var(--line);margin-top:20px;padding-top:16px}
        ul{padding-left:20px;margin:8px 0}.dim,figcaption{color:var(--quiet);font-size:13px}p{margin:4px 0 8px}
        code{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:12px}
        .verdicts{list-style:none;padding:0}.verdicts li{display:grid;grid-template-columns:46px 1fr}
        .lost b{color:var(--c2)}.won b{color:var(--c0)}.even b{color:var(--quiet)}
        .warn{list-style:none;padding:6px 10px;border-left:3px solid var(--c1)}
        figure{margin:0}.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(336px,1fr));gap:20px 24px;\
        overflow-x:auto;padding-bottom:4px}.charts svg{display:block}figcaption{margin-top:8px;max-width:75ch}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;\
        white-space:nowrap}th,td{padding:2px 10px;text-align:right;border-bottom:1px solid var(--line)}\
        th:first-child{text-align:left;font-weight:400}thead th{font-weight:600}
        details{margin:6px 0}summary{cursor:pointer;color:var(--quiet);font-size:14px}details li{font-size:13px}
        @media print{.theme,nav{display:none}}

        """

    /// The page looks at itself when it has loaded and writes what it found to the root's `data-check`: `fine` and the
    /// number of charts, or each script error, empty chart, invisible mark, overlapping or cut word; two pixels are the
    /// last letter's own margin. Nothing else depends on it; without scripts the page is the same.
    static let selfCheck = """
        (function(){var bad=[];addEventListener('error',function(e){bad.push('script error: '+e.message)});
        addEventListener('load',function(){setTimeout(function(){var all=document.querySelectorAll('svg.chart');
        all.forEach(function(s){var marks=s.querySelectorAll('.bar,.curve,.dot,.dots'),words=[];
        function say(t){bad.push((s.querySelector('title')||{}).textContent+' ('+s.id+'): '+t)}
        if(!marks.length)say('empty chart');var frame=s.getBoundingClientRect();
        if(!(frame.width>0&&frame.height>0))say('no size');
        marks.forEach(function(m){var b=m.getBoundingClientRect(),w=b.width,h=b.height;
        if(!m.matches('.dots')&&!(m.matches('.curve')?w>0||h>0:w>0&&h>0))say('invisible '+m.getAttribute('class'))});
        s.querySelectorAll('text').forEach(function(t){var b=t.getBoundingClientRect();
        if(b.left<frame.left-1||b.right>frame.right+2||b.bottom>frame.bottom+1)say('cut word '+t.textContent);
        words.forEach(function(o){if(b.left<o.b.right-1&&o.b.left<b.right-1&&b.top<o.b.bottom-3&&o.b.top<b.bottom-3)\
        say('overlap '+o.t+' / '+t.textContent)});words.push({b:b,t:t.textContent})})});
        var root=document.documentElement;
        if(root.scrollWidth>root.clientWidth)bad.push('the page is wider than the window');
        root.dataset.check=bad.length?bad.join('; '):'fine, '+all.length+' charts';
        root.dataset.window=innerWidth},0)})})();
        """
}
